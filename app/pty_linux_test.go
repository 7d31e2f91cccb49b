package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// hostile would fill the clipboard, set the title, ring, move the cursor and turn the
// direction of the line, if it reached a terminal as it is.
const hostile = "\x1b]52;c;aGk=\x07\x1b]0;title\x07\u009b2J\r\u202egnp.exe\u2066"

// onTerminal runs a command with a terminal for its outputs, and returns what the
// terminal was sent.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan string)
	go func() {
		var all strings.Builder
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			all.Write(buffer[:n])
			if err != nil { // the last writer has closed its end
				sent <- all.String()
				return
			}
		}
	}()
	Run(context.Background(), args, strings.NewReader(""), slave, slave)
	slave.Close()
	return <-sent
}

// steering finds what of a text would steer a terminal, our own clearing of a line and
// the terminal's line ends aside.
func steering(text string) string {
	text = strings.NewReplacer("\r\x1b[K", "", "\r\n", "\n").Replace(text)
	for _, bad := range []string{"\x1b", "\x07", "\u009b", "\r", "\u202e", "\u2066"} {
		if strings.Contains(text, bad) {
			return fmt.Sprintf("%q", bad)
		}
	}
	return ""
}

// Nothing that a command is given reaches the terminal raw: every command there is, so
// that a new one cannot be forgotten.
func TestCommandsOnATerminal(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	kinds := reflect.TypeFor[commands]()
	for i := range kinds.NumField() {
		name := strings.ToLower(kinds.Field(i).Name)
		if name == "engine" { // speaks to a pipe alone
			continue
		}
		for _, args := range [][]string{{name, hostile}, {name, "--" + hostile}, {name, "--model", "/nowhere/" + hostile}} {
			if name == "doctor" || name == "bench" || name == "serve" || name == "ask" {
				args = append(args, "--device", hostile) // ends before anything is loaded
			}
			shown := onTerminal(t, args...)
			if bad := steering(shown); bad != "" {
				t.Errorf("%q sends %s to the terminal: %q", args, bad, shown)
			}
		}
	}
}

// Nor does anything that a server says: its answer, its model's name, its errors.
func TestServersOnATerminal(t *testing.T) {
	quoted := strings.NewReplacer("\x1b", `\u001b`, "\x07", `\u0007`, "\r", `\r`).Replace(hostile)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "x")
		switch {
		case r.URL.Path == "/v1/models":
			fmt.Fprintf(w, `{"object": "list", "data": [{"id": "m%s", "object": "model", "max_model_len": 4096}]}`, quoted)
		case r.URL.Path == "/version":
			fmt.Fprintf(w, `{"version": "%s"}`, quoted)
		case strings.HasSuffix(r.URL.Path, "/chat/completions"):
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"role\": \"assistant\", \"content\": \"Look: %s\"}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", quoted)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"error": {"message": "no %s"}}`, quoted)
		}
	}))
	defer server.Close()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, args := range [][]string{{"ask", "--remote", server.URL, "Hello"}, {"remote", server.URL}, {"ask", "--remote", server.URL + "/nothing", "Hello"}} {
		shown := onTerminal(t, args...)
		if bad := steering(shown); bad != "" {
			t.Errorf("%q sends %s to the terminal: %q", args, bad, shown)
		}
		if args[0] == "ask" && args[2] == server.URL && !strings.Contains(shown, "Look: ␛]52") {
			t.Errorf("the answer is not shown: %q", shown)
		}
	}
}
