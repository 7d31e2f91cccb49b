package lang

import (
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"
)

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		expr    string
		yes, no []string
	}{
		{`^a+$`, []string{"a", "aaa"}, []string{"", "b", "aab", "a\n"}},
		{`b`, []string{"b", "abc", "\nb"}, []string{"", "ac"}}, // matches anywhere unless anchored
		{`^\w+@\w+\.(com|org)$`, []string{"a@b.com"}, []string{"a@b.net", "@b.com"}},
		{`\bcat\b`, []string{"cat", "a cat.", "cat-like"}, []string{"concat", "cats"}},
		{`^\s$`, []string{" ", "\u00a0", "\ufeff", "\u2003", "\v"}, []string{"", "x", "\u200b"}},
		{`^[^\S\n]$`, []string{" ", "\t"}, []string{"\n", "x"}},
		{`^.$`, []string{"x", "\u0085", "😀"}, []string{"\n", "\r", "\u2028", "xy"}},
		{`^\u00e9\x41\cJ$`, []string{"éA\n"}, []string{"eA\n"}},
		{`^\ud83d\ude00$`, []string{"😀"}, []string{"😁"}},
		{`^[\w-]+$`, []string{"a-b"}, []string{"a b"}},
		{`^[a-z-9]$`, []string{"b", "-", "9"}, []string{"8"}},
		{`^[[\]]$`, []string{"[", "]"}, []string{"\\"}},
		{`^[^]$`, []string{"\n", "x"}, []string{""}},
		{`^(?!foo)\w*$`, []string{"bar", "fo"}, []string{"foo", "football"}},
		{`^(?=.*[0-9])[a-z0-9]{3}$`, []string{"a1b"}, []string{"abc", "a1"}},
		{`^\p{Letter}$`, []string{"é", "Ω"}, []string{"1"}},
		{`^$|^x$`, []string{"", "x"}, []string{"y"}},
	} {
		l, err := Pattern(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
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

func TestPatternRefused(t *testing.T) {
	for _, expr := range []string{`(a)\1`, `(?<=a)b`, `(a(?=b))*c`, `[a`, `(`, `\y`, `(.{1,200}){1,200}\b(.{1,200})x`} {
		if _, err := Pattern(expr); err == nil {
			t.Errorf("%s was not refused", expr)
		}
	}
}

// What is known of a state beforehand decides which tokens a mask allows, so it must be exact.
func TestMeasures(t *testing.T) {
	must := func(expr string) *Language {
		l, err := Pattern(expr)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		name                   string
		l                      *Language
		shortest, longest, all int
		total                  bool
	}{
		{"all", Any(), 0, Unbounded, Unbounded, true},
		{"fixed", must(`^[ab]{3}$`), 3, 3, 8, false},
		{"options", must(`^(a|bcd)?$`), 0, 3, 3, false},
		{"loop", must(`^xy*z$`), 2, Unbounded, Unbounded, false},
		{"anywhere", must(`xy`), 2, Unbounded, Unbounded, true},
		{"words", Words([]string{"", "no", "yes"}), 0, 3, 3, false},
		{"lengths", must(`^.{2,4}$`), 2, 4, Unbounded, false},
	} {
		if c.l.Shortest(0) != c.shortest || c.l.Longest(0) != c.longest || c.l.Count(0) != c.all || c.l.Total(0) != c.total {
			t.Errorf("%s: shortest %d, longest %d, count %d, total %v", c.name, c.l.Shortest(0), c.l.Longest(0), c.l.Count(0), c.l.Total(0))
		}
	}
	if l := must(`^(\S+\s+){0,2}\S+$`); l.Doom(0) != 1 || l.Doom(l.Next(0, 'x')) != 5 {
		t.Errorf("three words die after %d characters, and after %d once begun", l.Doom(0), l.Doom(l.Next(0, 'x')))
	}
	if !None().Empty() || None().Match("") {
		t.Error("the empty language has a string")
	}
}

func TestBoolean(t *testing.T) {
	a, _ := Pattern(`^a`)
	z, _ := Pattern(`z$`)
	both, err := And(a, z)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := Or(a, z)
	lengths, _ := Lengths(2, 3)
	labels, _ := Signatures([]*Language{a, z})
	for _, s := range []string{"", "a", "z", "az", "abcz", "ba", "😀", "aé"} {
		if both.Match(s) != (a.Match(s) && z.Match(s)) || one.Match(s) != (a.Match(s) || z.Match(s)) || Not(a).Match(s) == a.Match(s) {
			t.Errorf("and, or, not disagree on %q", s)
		}
		if n := utf8.RuneCountInString(s); lengths.Match(s) != (n >= 2 && n <= 3) {
			t.Errorf("lengths are wrong on %q", s)
		}
		q := labels.Start()
		for _, r := range s {
			q = labels.Next(q, r)
		}
		if label := labels.Label(q); (label&1 == 1) != a.Match(s) || (label&2 == 2) != z.Match(s) {
			t.Errorf("the label of %q is %d", s, label)
		}
	}
}

func TestList(t *testing.T) {
	l, _ := Pattern(`^[a-c]x?$`)
	if words, ok := l.List(10); !ok || !slices.Equal(words, []string{"a", "ax", "b", "bx", "c", "cx"}) {
		t.Errorf("%q, %v", words, ok)
	}
	if _, ok := Any().List(10); ok {
		t.Error("all strings were listed")
	}
	w := Words([]string{"a", "ab", "b"})
	if q := w.Next(w.Next(0, 'a'), 'b'); w.Label(q) != 1 {
		t.Errorf("the label of ab is %d", w.Label(q))
	}
}

// The suite of model/schema holds the formats to its cases; here are those that it does not have.
func TestFormat(t *testing.T) {
	for _, c := range []struct {
		format, text string
		want         bool
	}{
		{"time", "00:29:60.5+00:30", true}, {"time", "00:29:60+00:31", false}, {"time", "12:00:00", false},
		{"date", "1900-02-29", false}, {"date", "2000-02-29", true},
		{"date-time", "2016-12-31t23:59:60z", true}, {"date-time", "2016-12-31 23:59:59Z", false},
		{"duration", "P1Y2M3DT4H5M6S", true}, {"duration", "P1Y3D", false},
		{"ipv6", "1:2:3:4:5:6:7::", true}, {"ipv6", "::1.2.3.4", true}, {"ipv6", "1::2::3", false},
		{"email", "a@b", true}, {"email", "a@-b", false}, {"email", `"a"@[IPv6:::1]`, true},
		{"uri", "a:", true}, {"uri", "http://[::1]:80/x?y#z", true}, {"uri", "http://[::1/", false},
		{"uri-template", "/{a,b*}{?c:3}", true}, {"uri-template", "/{a", false},
	} {
		l, _, err := Format(c.format)
		if err != nil {
			t.Fatal(err)
		}
		if l.Match(c.text) != c.want {
			t.Errorf("%s: %s is not %v", c.format, c.text, c.want)
		}
	}
	if l, _, err := Format("colour"); l != nil || err != nil {
		t.Error("a format that JSON Schema does not define constrains something")
	}
	if _, _, err := Format("regex"); err == nil {
		t.Error("the format regex was not refused")
	}
}

// An automaton must agree with Go's own matcher on every expression that both read.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{`^a*b$`, "aab"}, {`\bx|y\B`, "x y"}, {`(?i)straße`, "STRASSE"}, {`[^a-f]{2,3}$`, "xyz"}, {`(?m)^a$`, "b\na"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 40 || len(text) > 40 || !utf8.ValidString(text) || !utf8.ValidString(expr) {
			return
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return
		}
		l, err := compile(expr)
		if err != nil {
			return
		}
		if l.Match(text) != re.MatchString(text) {
			t.Errorf("%q on %q: %v", expr, text, l.Match(text))
		}
	})
}
