package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// golden is one request and what mistral-common makes of it; see
// tools/goldens/chats.py.
type golden struct {
	Version string
	Line    string
	IDs     []int32
	Images  [][2]int
	Error   string
}

// tokensAnswer is any line that RunTokens writes.
type tokensAnswer struct {
	IDs    []int32
	Images []chat.Grid
	Spans  []chat.Span
	Error  string
}

func unpack(t *testing.T, path string, open func(io.Reader) (io.Reader, error)) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// vocabulary is the full one in the layout of a version, as chats.py makes it.
func vocabulary(t *testing.T, data []byte, version string) (*tokenizer.Tokenizer, imageproc.Rule) {
	t.Helper()
	data = bytes.Replace(data, []byte(`"version":"v11"`), []byte(`"version":"`+version+`"`), 1)
	if version == "v13" {
		data = bytes.Replace(data, []byte(`"multimodal"`), []byte(`"image"`), 1)
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	c := tok.Image()
	return tok, imageproc.Rule{PatchSize: c.PatchSize, MaxSize: c.MaxSize, Merge: c.Merge}
}

// Hundreds of chats of every kind, line by line as the command answers them: the
// same ids, picture sizes and refusals as the reference.
func TestTokensGoldens(t *testing.T) {
	full := unpack(t, "../../assets/tekken/tekken-v11.json.zst", func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) })
	packed := unpack(t, "testdata/chats.jsonl.gz", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	byVersion := map[string][]golden{}
	for line := range bytes.Lines(packed) {
		var g golden
		if err := json.Unmarshal(line, &g); err != nil {
			t.Fatal(err)
		}
		byVersion[g.Version] = append(byVersion[g.Version], g)
	}
	for _, version := range []string{"v7", "v11", "v13"} {
		t.Run(version, func(t *testing.T) {
			tok, rule := vocabulary(t, full, version)
			checkGoldens(t, tok, rule, byVersion[version])
		})
	}
}

func checkGoldens(t *testing.T, tok *tokenizer.Tokenizer, rule imageproc.Rule, goldens []golden) {
	var in strings.Builder
	for _, g := range goldens {
		in.WriteString(g.Line + "\n")
	}
	answers := runTokens(t, tok, rule, in.String())
	if len(answers) != len(goldens) || len(goldens) < 300 {
		t.Fatalf("%d answers to %d lines", len(answers), len(goldens))
	}
	taken := 0
	for i, g := range goldens {
		if problem := compare(g, answers[i]); problem != "" {
			t.Errorf("%s\n  %s", problem, g.Line[:min(len(g.Line), 300)])
		}
		if g.Error == "" {
			taken++
		}
	}
	t.Logf("%d chats and %d refusals as the reference", taken, len(goldens)-taken)
}

// compare says what is wrong with an answer, or "".
func compare(g golden, a tokensAnswer) string {
	switch {
	case g.Error != "" && a.Error == "":
		return "taken, but the reference says " + g.Error
	case g.Error != "":
		return ""
	case a.Error != "":
		return "refused: " + a.Error
	case !slices.Equal(a.IDs, g.IDs):
		return fmt.Sprintf("ids\n  got  %v\n  want %v", a.IDs, g.IDs)
	case len(a.Images) != len(g.Images):
		return fmt.Sprintf("%d pictures, want %d", len(a.Images), len(g.Images))
	}
	for i, image := range a.Images {
		if size := [2]int{image.Width, image.Height}; size != g.Images[i] {
			return fmt.Sprintf("picture %d is %v, want %v", i, size, g.Images[i])
		}
	}
	at := 0
	for _, s := range a.Spans {
		if s.Start != at || s.End <= s.Start {
			return fmt.Sprintf("span %+v does not begin at %d", s, at)
		}
		at = s.End
	}
	if at != len(a.IDs) {
		return fmt.Sprintf("the spans cover %d of %d ids", at, len(a.IDs))
	}
	return ""
}

func runTokens(t *testing.T, tok *tokenizer.Tokenizer, rule imageproc.Rule, in string) []tokensAnswer {
	t.Helper()
	var out bytes.Buffer
	if err := RunTokens(tok, rule, false, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var answers []tokensAnswer
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a tokensAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		answers = append(answers, a)
	}
	return answers
}

// The exact shape of the answers.
func TestTokensShape(t *testing.T) {
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	in := `{"text": ""}` + "\n" + `{"text": "\u0001"}` + "\r\n" + `{"messages": [{"role": "user", "content": ""}]}` + "\n" + `{"text": 1}`
	want := `{"ids":[]}` + "\n" + `{"ids":[1001]}` + "\n" +
		`{"ids":[1,3,4],"images":[],"spans":[{"kind":"control","start":0,"end":3,"message":0}]}` + "\n" + `{"error":"text is an integer; a string was expected"}` + "\n"
	var out bytes.Buffer
	if err := RunTokens(tok, imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}, false, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A line too long to keep is answered by an error, and the next one as usual.
func TestTokensLongLine(t *testing.T) {
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	long := io.MultiReader(strings.NewReader(`{"text": "`), io.LimitReader(zeros{}, openai.MaxSize), strings.NewReader("\"}\n{\"text\": \"\"}\n"))
	var out bytes.Buffer
	if err := RunTokens(tok, imageproc.Rule{}, false, long, &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != `{"error":"the line is longer than 64 MB"}`+"\n"+`{"ids":[]}`+"\n" {
		t.Errorf("got %s", got)
	}
}

// zeros is an endless text of the digit 0.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// What the server would make of a request that the reference refuses.
func TestTokensLenient(t *testing.T) {
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	const in = `{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"developer","content":"s"},{"role":"user","content":"v"}]}` + "\n"
	for lenient, want := range map[bool]string{false: `"error":`, true: `"notices":["a system message after the assistant's`} {
		var out bytes.Buffer
		if err := RunTokens(tok, imageproc.Rule{}, lenient, strings.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("lenient %v: got %s, want %s", lenient, &out, want)
		}
	}
}
