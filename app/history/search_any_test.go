package history

import (
	"fmt"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// Search takes any text: it finds, or says in a sentence why not.
func TestSearchTakesAnyText(t *testing.T) {
	s := open(t, t.TempDir())
	id := must(s.New(Preset{}))(t)
	must(s.Append(id, 0, chat.Text(chat.User, "hello to a\x00b and the rest \" * : ^ of it")))(t)
	var different, short, rare strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&different, "word%d ", i)
		fmt.Fprintf(&short, "%c%c ", 'a'+i%26, 'a'+i/26%26)
		fmt.Fprintf(&rare, "%c ", rune(0x4e00+i))
	}
	queries := map[string]string{
		"nul": "a\x00b", "nul first": "\x00", "a thousand to": strings.Repeat("to ", 1000), "a thousand hello": strings.Repeat("hello ", 1000),
		"different": different.String(), "199": strings.Join(strings.Fields(different.String())[:199], " "),
		"short": strings.Join(strings.Fields(short.String())[:199], " "), "rare": strings.Join(strings.Fields(rare.String())[:199], " "),
		"long": strings.Repeat("x", 200_000), "percent": strings.Repeat("%_", 4000), "quotes": strings.Repeat(`"`, 9000), "broken": "\xff\xfe\xed\xa0\x80",
		"operators": `NEAR( AND OR NOT "* ^ : {a b} : - +`, "one letter": "a",
	}
	for name, query := range queries {
		if _, err := s.Search(query); err != nil && (strings.Contains(err.Error(), "SQL") || !strings.Contains(err.Error(), "at most")) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.FindTurns(query, 0); err != nil && !strings.Contains(err.Error(), "at most") {
			t.Errorf("turns, %s: %v", name, err)
		}
	}
	if hits := must(s.Search("hello to"))(t); len(hits) != 1 {
		t.Errorf("%d hits for words that are there", len(hits))
	}
}
