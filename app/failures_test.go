package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/app/library"
)

// asProgram makes this test binary behave as sirocco itself, for what has to be
// tried in another process.
const asProgram = "SIROCCO_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:]))
	}
	// The library of whoever runs the tests is none of theirs.
	dir, err := os.MkdirTemp("", "sirocco-library-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_DATA_HOME", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// Whatever is unplugged, a person reads one sentence that names the thing, and
// a script reads exit code 1.
func TestFailuresAreSentences(t *testing.T) {
	picture := shapes
	for _, c := range []struct {
		name string
		args []string
		want []string // words of the sentence
	}{
		{"model missing", []string{"ask", "--model", "/no/such/model", "hi"}, []string{"/no/such/model"}},
		{"folder without a model", []string{"ask", "--model", t.TempDir(), "hi"}, []string{"params.json"}},
		{"no tokenizer", []string{"ask", "--model", breezeWithout(t, "tekken.json"), "hi"}, []string{"tekken.json", "--tokenizer"}},
		{"truncated weights", []string{"ask", "--model", breezeWith(t, truncated), "hi"}, []string{"consolidated.safetensors"}},
		{"lying header", []string{"ask", "--model", breezeWith(t, lying), "hi"}, []string{"consolidated.safetensors"}},
		{"unknown device", []string{"ask", "--device", "no-such-adapter", "hi"}, []string{"no-such-adapter"}},
		{"picture missing", []string{"ask", "--image", "/no/such.png", "what?"}, []string{"/no/such.png"}},
		{"picture empty", []string{"ask", "--image", file(t, "empty.png", nil), "what?"}, []string{"empty"}},
		{"picture is text", []string{"ask", "--image", file(t, "notes.txt", []byte("not a picture at all\n")), "what?"}, []string{"text"}},
		{"picture is a bomb", []string{"ask", "--image", file(t, "bomb.png", bomb()), "what?"}, []string{"megapixel"}},
		{"context too small", []string{"ask", "--ctx", "16", "--image", picture, "what?"}, []string{"context"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(context.Background(), c.args, strings.NewReader(""), &out, &errs)
			if code != exitFailed {
				t.Errorf("exit code %d, want %d", code, exitFailed)
			}
			checkSentence(t, out.String(), errs.String(), c.want)
		})
	}
}

// Without any Vulkan driver the program says which package brings one.
func TestNoDriver(t *testing.T) {
	program := exec.Command(os.Args[0], "ask", "hello")
	program.Env = append(os.Environ(), asProgram+"=1", "VK_ICD_FILENAMES=/nonexistent", "VK_DRIVER_FILES=/nonexistent")
	var out, errs bytes.Buffer
	program.Stdout, program.Stderr = &out, &errs
	err := program.Run()
	if program.ProcessState.ExitCode() != exitFailed {
		t.Errorf("ended with %v, want exit code %d", err, exitFailed)
	}
	checkSentence(t, out.String(), errs.String(), []string{"mesa-vulkan-drivers"})
}

// Bad usage is exit code 2.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"no-such-command"}, {"ask"}, {"ask", "--temperature", "warm", "hi"}, {"ask", "--request", "x.json", "hi"}} {
		var errs bytes.Buffer
		if code := Run(context.Background(), args, strings.NewReader(""), &bytes.Buffer{}, &errs); code != exitUsage {
			t.Errorf("sirocco %s ended with %d, want %d", strings.Join(args, " "), code, exitUsage)
		}
		if errs.Len() == 0 {
			t.Errorf("sirocco %s said nothing", strings.Join(args, " "))
		}
	}
}

// Every command explains itself and exits 0.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"ask", "-h"}, {"tokens", "-h"}, {"doctor", "-h"}} {
		var out bytes.Buffer
		if code := Run(context.Background(), args, nil, &out, os.Stderr); code != exitDone || !strings.Contains(out.String(), "Usage: sirocco") {
			t.Errorf("sirocco %s ended with %d and printed %q", strings.Join(args, " "), code, out.String())
		}
	}
}

// checkSentence wants nothing on stdout and, as the last line on stderr, a
// sentence that names what it must.
func checkSentence(t *testing.T, out, errs string, words []string) {
	t.Helper()
	if out != "" {
		t.Errorf("stdout got %q", out)
	}
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	last := lines[len(lines)-1]
	t.Logf("%s", last)
	if !strings.HasPrefix(last, "sirocco: ") || strings.Contains(errs, "goroutine ") {
		t.Errorf("the last line is not a sentence of ours: %q", errs)
	}
	for _, word := range words {
		if !strings.Contains(strings.ToLower(last), strings.ToLower(word)) {
			t.Errorf("%q does not mention %q", last, word)
		}
	}
}

// breezeWithout is a copy of the miniature that lacks one file.
func breezeWithout(t *testing.T, name string) string {
	dir := breezeCopy(t)
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// breezeWith is a copy of the miniature whose weights were spoilt.
func breezeWith(t *testing.T, spoil func([]byte) []byte) string {
	dir := breezeCopy(t)
	path := filepath.Join(dir, "consolidated.safetensors")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, spoil(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func breezeCopy(t *testing.T) string {
	t.Helper()
	from, err := library.Miniature()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "breeze")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// truncated loses the second half, as a broken download does.
func truncated(data []byte) []byte { return data[:len(data)/2] }

// lying claims a header larger than the file.
func lying(data []byte) []byte {
	binary.LittleEndian.PutUint64(data, 1<<40)
	return data
}

func file(t *testing.T, name string, data []byte) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// bomb is a PNG of a hundred bytes that claims 50,000 × 50,000 pixels.
func bomb() []byte {
	header := binary.BigEndian.AppendUint32(nil, 50000)
	header = binary.BigEndian.AppendUint32(header, 50000)
	header = append(header, 8, 2, 0, 0, 0)
	chunk := append([]byte("IHDR"), header...)
	out := []byte("\x89PNG\r\n\x1a\n")
	out = binary.BigEndian.AppendUint32(out, uint32(len(header)))
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}
