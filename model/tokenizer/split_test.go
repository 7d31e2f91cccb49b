package tokenizer

import (
	"strings"
	"testing"
)

func pieces(text string) string {
	split := splitter{text, classes()}
	var out []string
	for i := 0; i < len(text); {
		end := split.next(i)
		out = append(out, text[i:end])
		i = end
	}
	return strings.Join(out, "|")
}

// The same cuts as Python's regex module makes with Pattern.
func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"Hello, world!\nWhat's up?":                "Hello|,| world|!\n|What|'s| up|?",
		"I'm HTTPServer v1.25  and\t\tmore\n\n  x": "I|'m| HTTPServer| v|1|.|2|5| | and|\t|\tmore|\n\n| | x",
		"don't DON'T 3.14 a/b//\n":                 "don|'t| DON|'T| |3|.|1|4| a|/b|//\n",
		"JSONParser2XML":                           "JSONParser|2|XML",
		"x=1;\r\n\r\ny":                            "x|=|1|;\r\n\r\n|y",
		"https://a.b/c?d=1":                        "https|://|a|.b|/c|?d|=|1",
		"trailing  ":                               "trailing|  ",
		"  leading":                                " | leading",
		"漢字かな交じり文":                                 "漢字かな交じり文",
		"A漢B":                                      "A漢|B",       // a capital after a letter without case begins anew
		"\u0301a":                                  "\u0301a",    // a mark may be the one character before a word,
		"XY\u0301Z":                                "XY\u0301|Z", // and the last of one
		"\u1c89x \ua7cb \U0002ebf0a":               "\u1c89x| \ua7cb| \U0002ebf0a",
		"a\u200bb\x1cc":                            "a|\u200bb|\x1cc", // not white space
		"a \u3000\u2028b":                          "a| \u3000|\u2028b",
		" \n \n  \n x":                             " \n \n  \n| x",
		"!\n/ /\n":                                 "!\n/| /\n",
		"\u01c5\u01c5a":                            "\u01c5\u01c5a",
		"\u00e4\u00c4\u00e4 \u017ft 1\u20e3\u00bd\n": "\u00e4|\u00c4\u00e4| \u017ft| |1|\u20e3|\u00bd|\n",
	} {
		if got := pieces(text); got != want {
			t.Errorf("%q is cut into\n %q, want\n %q", text, got, want)
		}
	}
}

// The counts are those of Unicode 16.0; Go's own tables are older.
func TestClassesAreUnicode16(t *testing.T) {
	count := map[class]int{}
	for _, c := range classes() {
		count[c&^newline]++
	}
	for class, want := range map[class]int{
		capital: 1858 + 31, small: 2258, uncased: 404 + 136477, mark: 2501, number: 1911, blank: 25,
	} {
		if count[class] != want {
			t.Errorf("class %06b has %d code points, want %d", class, count[class], want)
		}
	}
	table := classes()
	if table[0x2EBF0] != uncased || table[0x1C89] != capital || table[0xA7CB] != capital {
		t.Error("letters of Unicode 15.1 and 16.0 are not letters")
	}
}
