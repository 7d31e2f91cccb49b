package history

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sirocco/model/chat"
)

func TestSearch(t *testing.T) {
	s := open(t, t.TempDir())
	add := func(title, text string) int64 {
		id := must(s.New(Preset{}))(t)
		must(s.Append(id, 0, chat.Text(chat.User, text)))(t)
		if err := s.Rename(id, title); err != nil {
			t.Fatal(err)
		}
		return id
	}
	invoice := add("Invoices", "Which of these two is wrong:\nthe 100% one or c_1?")
	tokyo := add("旅行", "東京から大阪まで何時間ですか")
	for _, c := range []struct {
		query string
		want  []int64
		mark  string
	}{
		{"WRONG", []int64{invoice}, "wrong"},
		{"two  wrong", []int64{invoice}, "two"},
		{"invoi", []int64{invoice}, "Invoi"},
		{"大阪", []int64{tokyo}, "大阪"},
		{"東京から", []int64{tokyo}, "東京から"},
		{"of", []int64{invoice}, "of"},
		{"0%", []int64{invoice}, "0%"},
		{"c_", []int64{invoice}, "c_"},
		{"o%", nil, ""}, // no wildcard
		{`"quoted" AND (`, nil, ""},
		{"京阪", nil, ""},
		{"  ", nil, ""},
	} {
		hits := must(s.Search(c.query))(t)
		if len(hits) != len(c.want) {
			t.Errorf("%q found %+v", c.query, hits)
			continue
		}
		for i, h := range hits {
			if h.Conversation != c.want[i] || h.Snippet[h.Start:h.End] != c.mark {
				t.Errorf("%q found %+v, marked %q", c.query, h, h.Snippet[h.Start:h.End])
			}
		}
	}
	if err := s.Delete(tokyo); err != nil {
		t.Fatal(err)
	}
	if hits := must(s.Search("大阪"))(t); len(hits) != 0 {
		t.Errorf("a deleted conversation was found: %+v", hits)
	}
}

// BenchmarkSearch looks through 1,000 conversations of 50 messages: words that
// are everywhere, once, nowhere, and short ones that no index helps with.
func BenchmarkSearch(b *testing.B) {
	s := open(b, b.TempDir())
	fill(b, s, 1000, 50)
	for _, query := range []string{"orchard", "needle", "absent words", "大阪", "無い", "zq"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				must(s.Search(query))(b)
			}
		})
	}
}

// fill writes conversations of messages with some 300 characters each.
func fill(b *testing.B, s *Store, conversations, messages int) {
	vocabulary := strings.Fields("the quick orchard invoice window paints several maps of Europe while 大阪 東京 rain falls on green tables and a number follows")
	random := rand.New(rand.NewPCG(1, 2))
	for c := range conversations {
		id := must(s.New(Preset{}))(b)
		err := s.change("filling", func(tx *sql.Tx) error {
			parent := int64(0)
			for m := range messages {
				var text strings.Builder
				for text.Len() < 300 {
					fmt.Fprintf(&text, "%s ", vocabulary[random.IntN(len(vocabulary))])
				}
				if c == 17 && m == 3 {
					text.WriteString("needle")
				}
				message := chat.Text(chat.User, text.String())
				detached := must(s.detach(message))(b)
				var err error
				if parent, err = s.insert(tx, id, node{parent: parent, created: now(), message: detached}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
