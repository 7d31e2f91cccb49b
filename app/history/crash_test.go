package history

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// asChild names the folder in which this test binary, started once more, is to
// talk without end until it is killed.
const asChild = "SIROCCO_TEST_HISTORY_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asChild); dir != "" {
		fmt.Fprintln(os.Stderr, chatter(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// chatter records an endless answer and prints the number of each token after
// it was saved.
func chatter(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	id, err := s.New(Preset{})
	if err != nil {
		return err
	}
	r, err := s.Record(id, 0, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Count.")}})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := r.Add(text(fmt.Sprintf("%d ", i))); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// Killed at any moment, the history loses at most the token being written.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	for round := range 8 {
		said := kill(t, dir, time.Duration(round)*7*time.Millisecond)
		s := open(t, dir)
		list := must(s.Conversations())(t)
		if s.Notice() != "" || len(list) != round+1 {
			t.Fatalf("round %d: %d conversations, notice %q", round, len(list), s.Notice())
		}
		shown := must(s.Messages(list[0].ID))(t)
		if len(shown) != 1 || shown[0].Finish != Interrupted {
			t.Fatalf("round %d: the answer is %+v", round, shown)
		}
		kept := strings.Fields(words(shown)[0])
		if n := len(kept); n < said || n > said+1 || kept[n-1] != strconv.Itoa(n-1) {
			t.Errorf("round %d: %d tokens were saved, %d are there, the last is %s", round, said, n, kept[n-1])
		}
		if turns := must(s.Turns(list[0].ID))(t); len(must(s.Turn(turns[0]))(t).Events) != len(kept) {
			t.Errorf("round %d: the events of the turn are not all there", round)
		}
		s.Close()
	}
}

// kill lets a child talk for a while after its first token, kills it, and
// returns how many tokens it had said were saved.
func kill(t *testing.T, dir string, after time.Duration) (said int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asChild+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if said++; said == 1 {
			time.AfterFunc(after, func() { child.Process.Kill() })
		}
	}
	child.Wait()
	if said == 0 {
		t.Fatal("the child said nothing")
	}
	return said
}
