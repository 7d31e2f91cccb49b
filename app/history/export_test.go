package history

import (
	"reflect"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// sample is a conversation with a picture, a call and two branches.
func sample(t testing.TB, s *Store) int64 {
	t.Helper()
	id := must(s.New(Preset{Model: "m"}))(t)
	question := chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "map.png", Data: []byte("pixels")}}, {Text: "Where?"}}}
	q := must(s.Append(id, 0, question))(t)
	call := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "find", Arguments: `{"x":1}`}}}
	a := must(s.Append(id, q, call))(t)
	must(s.Append(id, a, chat.Message{Role: chat.ToolRole, Name: "find", ToolCallID: "a1B2c3D4e", Parts: []chat.Part{{Text: "here ```"}}}))(t)
	must(s.Append(id, q, chat.Text(chat.Assistant, "Here.")))(t)
	if err := s.Rename(id, "Maps"); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestExportComesBack(t *testing.T) {
	from, to := open(t, t.TempDir()), open(t, t.TempDir())
	must(to.New(Preset{}))(t) // so that numbers differ
	id := sample(t, from)
	data := must(from.Export(id))(t)
	copied := must(to.Import(data))(t)
	a, b := must(from.tree(id))(t), must(to.tree(copied))(t)
	if len(a) != 4 || len(b) != 4 {
		t.Fatalf("%d messages became %d", len(a), len(b))
	}
	for i := range a {
		if !reflect.DeepEqual(a[i].body, b[i].body) {
			t.Errorf("message %d became %+v", i, b[i].body)
		}
	}
	if got := words(must(to.Messages(copied))(t)); !reflect.DeepEqual(got, []string{"Where?", "Here."}) {
		t.Errorf("the branch is %q", got)
	}
	if picture := must(to.Messages(copied))(t)[0].Parts[0].Image; string(picture.Data) != "pixels" {
		t.Errorf("the picture is %q", picture.Data)
	}
}

func TestMarkdown(t *testing.T) {
	s := open(t, t.TempDir())
	id := sample(t, s)
	if err := s.Select(must(s.tree(id))(t)[1].ID); err != nil {
		t.Fatal(err)
	}
	want := "# Maps\n\n## You\n\n*Picture: map.png*\n\nWhere?\n\n## Mistral\n\nCalls `find`:\n\n```\n{\"x\":1}\n```\n\n## Result find\n\n````\nhere ```\n````\n"
	if got := must(s.Markdown(id))(t); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestImportRefusesWithAReason(t *testing.T) {
	s := open(t, t.TempDir())
	for _, c := range []struct{ file, want string }{
		{`{`, "not a JSON file"},
		{`{"format":"other"}`, `"other"`},
		{`{"format":"sirocco-conversation","version":2}`, "version is 2"},
		{`{"format":"sirocco-conversation","version":1,"messages":[{"id":1,"role":"cook"}]}`, `messages[0]: its role is "cook"`},
		{`{"format":"sirocco-conversation","version":1,"messages":[{"id":1,"parent":2,"role":"user"}]}`, "parent 2"},
		{`{"format":"sirocco-conversation","version":1,"messages":[{"id":1,"role":"user","parts":[{"picture":"../x"}]}]}`, "SHA-256"},
		{`{"format":"sirocco-conversation","version":1,"head":4}`, "message 4"},
		{`{"format":"sirocco-conversation","version":1,"pictures":{"00":"AAAA"}}`, "not the one"},
	} {
		if _, err := s.Import([]byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gave %v", c.file, err)
		}
	}
}

// Whatever a file says, reading it never panics and what is taken can be shown.
func FuzzImport(f *testing.F) {
	s := open(f, f.TempDir())
	f.Add(must(s.Export(sample(f, s)))(f))
	f.Add([]byte(`{"format":"sirocco-conversation","version":1,"messages":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, err := s.Import(data)
		if err != nil {
			return
		}
		must(s.Messages(id))(t)
		must(s.Markdown(id))(t)
	})
}
