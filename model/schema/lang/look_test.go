package lang

import (
	"math/rand/v2"
	"testing"

	"github.com/dlclark/regexp2"
)

// Look-ahead anywhere in an expression means what it means to an ECMA-262 engine: on strings made of the characters
// that the expression speaks of, both say the same.
func TestLookAhead(t *testing.T) {
	for _, c := range []struct{ expr, letters string }{
		{`^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$`, "PT1W2YMDHS."}, // zod's duration
		{`^(?=.{1,5}\.?$)a(?:[a-z-]{0,3}a)?(?:\.a(?:[-a]{0,3}a)?)*\.?$`, "a-.b"},                                         // zod's host name, shorter
		{`^(?!\.)(?!.*\.\.)([a.]*)[ab]@(a+\.)+a+$`, "ab.@"},                                                              // zod's mail address
		{`a(?!b)`, "abc"},
		{`a(?=b)c|b`, "abc"},
		{`^(a(?!c))?b`, "abc"},
		{`(?=ab)a(?!bb)`, "ab"},
		{`^a(?=b|c$)(b|c)`, "abc"},
		{`^(?:a(?!b)c?){2}$`, "abc"},
		{`^[(?=a]+$`, "(?=ab"},
		{`^(?!a$|b)`, "ab"},
		{`^x(?<name>(?=y)y)z?`, "xyz"},
		{`^é(?!è)[^a]`, "éèa"},
		{`^(?!(?=a)b|ab)a`, "ab"},
		{`^(?=[\d]{2}$)\d+\u0061?`, "1a"},
	} {
		ours, err := Pattern(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		theirs := regexp2.MustCompile(c.expr, regexp2.ECMAScript)
		letters := []rune(c.letters)
		random := rand.New(rand.NewPCG(1, 2))
		matched := 0
		for range 4000 {
			text := make([]rune, random.IntN(10))
			for i := range text {
				text[i] = letters[random.IntN(len(letters))]
			}
			want, err := theirs.MatchString(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if want {
				matched++
			}
			if got := ours.Match(string(text)); got != want {
				t.Errorf("%s on %q: got %v, want %v", c.expr, string(text), got, want)
				break
			}
		}
		if matched == 0 {
			t.Errorf("%s: none of the random strings matches", c.expr)
		}
	}
}

// What real validators write: zod's date-time beside its format, host names that count their characters, emoji.
func TestPatternsOfZod(t *testing.T) {
	const days = `(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))`
	for _, c := range []struct {
		format, expr string
		yes, no      []string
	}{
		{"date-time", `^` + days + `T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z))$`, []string{"2024-02-29T12:00:00Z", "2023-12-31T23:59:59.5Z"}, []string{"2023-02-29T12:00:00Z", "2024-02-29T12:00:00+01:00", ""}},
		{"date-time", `^` + days + `T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|([+-](?:[01]\d|2[0-3]):[0-5]\d)))$`, []string{"2024-02-29T12:00:00+01:00"}, []string{"2024-02-30T12:00:00Z"}},
		{"hostname", `^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$`, []string{"a.example.org"}, []string{"-a", "a..b"}},
		{"", `^(\p{Extended_Pictographic}|\p{Emoji_Component})+$`, []string{"😀", "👨‍👩‍👧", "👍🏽"}, []string{"a", ""}},
	} {
		l, err := Pattern(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if c.format != "" {
			format, _, err := Format(c.format)
			if err != nil {
				t.Fatal(err)
			}
			if l, err = And(l, format); err != nil {
				t.Errorf("%s beside %s: %v", c.format, c.expr, err)
				continue
			}
		}
		for _, s := range c.yes {
			if !l.Match(s) {
				t.Errorf("%s does not match %q", c.expr, s)
			}
		}
		for _, s := range c.no {
			if l.Match(s) {
				t.Errorf("%s matches %q", c.expr, s)
			}
		}
	}
}
