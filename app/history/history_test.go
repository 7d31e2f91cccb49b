package history

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"sirocco/model/chat"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func words(messages []Message) (list []string) {
	for _, m := range messages {
		text := ""
		for _, p := range m.Parts {
			text += p.Text
		}
		list = append(list, text)
	}
	return list
}

// A conversation with an edited question has two branches; choosing one shows
// it down to its newest message.
func TestBranches(t *testing.T) {
	s := open(t, t.TempDir())
	id := must(s.New(Preset{}))(t)
	q1 := must(s.Append(id, 0, chat.Text(chat.User, "one")))(t)
	a1 := must(s.Append(id, q1, chat.Text(chat.Assistant, "answer one")))(t)
	q2 := must(s.Append(id, 0, chat.Text(chat.User, "one, edited")))(t)
	if got := words(must(s.Messages(id))(t)); !reflect.DeepEqual(got, []string{"one, edited"}) {
		t.Errorf("after the edit the branch is %q", got)
	}
	if err := s.Select(q1); err != nil {
		t.Fatal(err)
	}
	shown := must(s.Messages(id))(t)
	if got := words(shown); !reflect.DeepEqual(got, []string{"one", "answer one"}) {
		t.Errorf("the first branch is %q", got)
	}
	if !reflect.DeepEqual(shown[0].Siblings, []int64{q1, q2}) || shown[1].ID != a1 {
		t.Errorf("siblings %v of message %d", shown[0].Siblings, shown[1].ID)
	}
	if _, err := s.Append(id, 99, chat.Text(chat.User, "where?")); err == nil {
		t.Error("a message followed one that is not there")
	}
}

// Pictures are kept once, by content, and come back with the message.
func TestPicturesByContent(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id := must(s.New(Preset{}))(t)
	message := chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{
		{Image: &chat.Image{Name: "a.png", Data: []byte("pixels")}}, {Image: &chat.Image{Name: "b.png", Data: []byte("pixels")}}, {Text: "same?"}}}
	must(s.Append(id, 0, message))(t)
	if got := must(s.Messages(id))(t)[0].Message; !reflect.DeepEqual(got, message) {
		t.Errorf("came back as %+v", got)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pictures", "??", "*"))
	if len(files) != 1 {
		t.Errorf("the same picture lies in %d files", len(files))
	}
	if err := s.Delete(id); err != nil {
		t.Fatal(err)
	}
	s.Close()
	open(t, dir)
	if _, err := os.Stat(files[0]); !os.IsNotExist(err) {
		t.Errorf("a deleted conversation's picture stays: %v", err)
	}
}

func TestListOrderRenamePinDeleteRestore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	temperature := 0.5
	preset := Preset{Model: "m", Sampling: &chat.Sampling{Temperature: temperature}}
	a, b, c := must(s.New(preset))(t), must(s.New(Preset{}))(t), must(s.New(Preset{}))(t)
	for _, err := range []error{s.Rename(a, "Invoices"), s.Pin(a, true), s.Delete(b), s.Delete(c), s.Restore(c)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list := must(s.Conversations())(t)
	if len(list) != 2 || list[0].ID != a || list[1].ID != c || list[0].Title != "Invoices" || !list[0].Pinned {
		t.Errorf("the list is %+v", list)
	}
	if !reflect.DeepEqual(list[0].Preset, preset) {
		t.Errorf("the settings came back as %+v", list[0].Preset)
	}
	s.Close()
	s = open(t, dir)
	if err := s.Restore(b); err == nil {
		t.Error("what was deleted before the history was opened is still there")
	}
	if err := s.Rename(77, "?"); err == nil {
		t.Error("a conversation that is not there was renamed")
	}
}
