package pyjson

import (
	"errors"
	"strings"
	"testing"
)

// Every right-hand side is what Python 3.11 prints for
// json.dumps(json.loads(text), ensure_ascii=False).
func TestReserialise(t *testing.T) {
	cases := []struct{ text, want string }{
		{`{"a":1,"b":[1,2,{"c":null}]}`, `{"a": 1, "b": [1, 2, {"c": null}]}`},
		{" \t\r\n[ ]\n", `[]`},
		{`{ }`, `{}`},
		{`{"a":1,"b":2,"a":3}`, `{"a": 3, "b": 2}`},
		{`[1.0,1e16,0.00001,1E5,-0.0,-0,0]`, `[1.0, 1e+16, 1e-05, 100000.0, -0.0, 0, 0]`},
		{`[123456789012345680.0,100000000000000000000.0]`, `[1.2345678901234568e+17, 1e+20]`},
		{`[9999999999999998.0,0.0001,0.1e-3,1e-7]`, `[9999999999999998.0, 0.0001, 0.0001, 1e-07]`},
		{`[5e-324,1e-400,1.7976931348623157e308]`, `[5e-324, 0.0, 1.7976931348623157e+308]`},
		{`[123456789012345678901234567890]`, `[123456789012345678901234567890]`},
		{`[NaN,Infinity,-Infinity,1e400,-1e400]`, `[NaN, Infinity, -Infinity, Infinity, -Infinity]`},
		{`[true,false,null]`, `[true, false, null]`},
		{`"\u00e9\u4e2d\ud83d\ude42 é中🙂"`, `"é中🙂 é中🙂"`},
		{`"\"\\\/\b\f\n\r\t\u0000\u001F\u007f"`, `"\"\\/\b\f\n\r\t\u0000\u001f` + "\x7f" + `"`},
		{`"<a href='x'>&\u2028\u2029"`, "\"<a href='x'>&\u2028\u2029\""},
	}
	for _, c := range cases {
		v, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := v.String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestNotJSON(t *testing.T) {
	for _, text := range []string{
		"", " ", "nul", "tru", "nan", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "1_0",
		"[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{1:1}`,
		`"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", `"a" "b"`, "1 2", "\ufeff1", "'a'", "[1]]", "-Inf", "\x00", "1\x00",
	} {
		var syntax *SyntaxError
		if v, err := Parse(text); !errors.As(err, &syntax) {
			t.Errorf("%q gave %v, %v; a syntax error was expected", text, v, err)
		}
	}
}

func TestLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	var limit *LimitError
	if _, err := Parse(nested(MaxDepth)); err != nil {
		t.Errorf("%d deep: %v", MaxDepth, err)
	}
	if _, err := Parse(nested(MaxDepth + 1)); !errors.As(err, &limit) {
		t.Errorf("%d deep: %v", MaxDepth+1, err)
	}
	if _, err := Parse("-" + strings.Repeat("7", MaxDigits)); err != nil {
		t.Errorf("%d digits: %v", MaxDigits, err)
	}
	if _, err := Parse(strings.Repeat("7", MaxDigits+1)); !errors.As(err, &limit) {
		t.Errorf("%d digits: %v", MaxDigits+1, err)
	}
}

// Many keys switch the object from a search to an index; the rule for repeated
// keys must not change with it.
func TestManyKeys(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"k":0`)
	for i := range 100 {
		text.WriteString(`,"` + strings.Repeat("x", i%50) + `":` + strings.Repeat("1", i/50+1))
	}
	v, err := Parse(text.String() + `,"k":9}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Members) != 51 || v.Members[0].Value.Text != "9" || v.Members[50].Value.Text != "11" {
		t.Errorf("%d members, first %+v, last %+v", len(v.Members), v.Members[0], v.Members[50])
	}
}

func TestClean(t *testing.T) {
	cases := []struct{ literal, want string }{
		{`"plain é"`, "plain é"},
		{`"a\ud800b"`, "a\ufffdb"},
		{`"\udc00"`, "\ufffd"},
		{`"\ud800\ud800\udc00"`, "\ufffd\U00010000"},
		{`"\udc00\ud800"`, "\ufffd\ufffd"},
	}
	for _, c := range cases {
		v, err := Parse(c.literal)
		if err != nil {
			t.Fatalf("%s: %v", c.literal, err)
		}
		if got := Clean(v.Text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.literal, got, c.want)
		}
	}
	// Halves that meet only because the inner JSON escaped one of them.
	if got := Clean("\xed\xa0\xbd\xed\xb9\x82"); got != "🙂" {
		t.Errorf("a split pair gave %q", got)
	}
	if got := Clean("a\xffb\xed\xa0"); got != "a\ufffdb\ufffd\ufffd" {
		t.Errorf("stray bytes gave %q", got)
	}
}

// What is written reads back as the same text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"\ud83d\ude42",null,true]}`, `[NaN,-Infinity,1e-7]`, `"\ud800"`, `{"a":1,"a":2}`, "[[[["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		once := v.String()
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%q was written as %q, which does not read: %v", text, once, err)
		}
		if twice := again.String(); twice != once {
			t.Fatalf("%q, then %q", once, twice)
		}
		Clean(once)
	})
}
