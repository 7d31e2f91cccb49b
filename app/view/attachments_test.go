package view

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// pngOf is a picture with a diagonal in it.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for x := range min(width, height) {
		img.SetGray(x, x, color.Gray{})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, folder, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Pictures, folders and texts are taken; what cannot be read is refused by name.
func TestAttach(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	folder := t.TempDir()
	inner := filepath.Join(folder, "trip")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, inner, "1.png", pngOf(t, 60, 40))
	write(t, inner, "2.png", pngOf(t, 60, 40))
	write(t, inner, "notes.txt", []byte("not a picture"))
	paths := []string{
		write(t, folder, "map.png", pngOf(t, 60, 40)),
		write(t, folder, "page.pdf", []byte("%PDF-1.7\x00\x01")),
		write(t, folder, "code.go", []byte("package main\n")),
		inner,
		filepath.Join(folder, "gone.png"),
	}
	d.Attachments.Add(paths)
	d.until("all are read", func() bool { return len(d.Attachments.Items) == 4 })
	s := d.Snapshot()
	if strings.Join(s.Tray, " ") != "map.png code.go 1.png 2.png" || strings.Join(s.Refused, " ") != "page.pdf gone.png" {
		t.Errorf("the tray holds %v and refused %v", s.Tray, s.Refused)
	}
	if !strings.Contains(d.Attachments.Refusals[0].Reason, "PDF") {
		t.Errorf("the reason is %q", d.Attachments.Refusals[0].Reason)
	}
	d.ask("What is it?")
	question := d.Messages[0]
	if len(question.Pictures) != 3 || len(question.Files) != 1 || question.Text != "What is it?" || len(d.Attachments.Items) != 0 {
		t.Errorf("the question became %+v, the tray %v", question, d.Attachments.Items)
	}
	id := d.Conversation
	d.NewChat()
	d.Open(id)
	d.until("it is read back", func() bool { return len(d.Messages) == 2 })
	if q := d.Messages[0]; len(q.Pictures) != 3 || len(q.Files) != 1 || q.Files[0].Text != "package main" || q.Text != "What is it?" {
		t.Errorf("read back the question is %+v", q)
	}
}

func TestReorderTurnResize(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("the rule is known", func() bool { return d.Attachments.Rule.MaxSize == 224 })
	d.Attachments.AddData("a.png", pngOf(t, 448, 224))
	d.Attachments.AddData("b.png", pngOf(t, 100, 100))
	a := d.Attachments.Items[0]
	if a.Grid.Columns != 8 || a.Grid.Rows != 4 || a.Tokens != 36 || !strings.Contains(a.Caption(d.Attachments.Rule), "448→224 px") {
		t.Errorf("a.png is planned as %+v: %s", a.Grid, a.Caption(d.Attachments.Rule))
	}
	d.Attachments.Move(a, 1)
	if d.Attachments.Items[1] != a {
		t.Error("a.png did not move")
	}
	d.Attachments.Turn(a)
	d.Attachments.Resize(a, 112)
	if a.Grid.Columns != 2 || a.Grid.Rows != 4 {
		t.Errorf("turned and made smaller it is planned as %+v", a.Grid)
	}
	if d.Send("too early") {
		t.Error("a picture was sent before it was ready")
	}
	d.until("it is ready", func() bool { return !d.Attachments.Busy() })
	config, err := png.DecodeConfig(bytes.NewReader(d.Attachments.Parts()[1].Image.Data))
	if err != nil || config.Width != 56 || config.Height != 112 {
		t.Errorf("what is sent is %+v, %v", config, err)
	}
}

// Fine writing on a large page is lost when the page is made small; large
// letters and a plain photograph are not.
func TestSmallWriting(t *testing.T) {
	page := func(stroke int) finePrint {
		img := image.NewGray(image.Rect(0, 0, 1200, 800))
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		for y := range 800 {
			for x := 0; x < 1200; x++ {
				if (y/16)%2 == 0 && (x/stroke)%4 == 0 {
					img.SetGray(x, y, color.Gray{})
				}
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		_, s, err := look(b.Bytes(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if fine := page(2); !fine.lost(1200.0/224) || fine.lost(1) {
		t.Error("lines of 2 pixels are not missed at a fifth of the size, or missed at full size")
	}
	if page(20).lost(1200.0 / 224) {
		t.Error("lines of 20 pixels are called lost")
	}
}

func TestFilePartsComeBack(t *testing.T) {
	for _, f := range []File{{"a.go", "package a"}, {"fence.md", "```\nx\n```\nend"}, {"no ending", "line"}} {
		got, ok := parseFilePart(filePart(f))
		if !ok || got != f {
			t.Errorf("%+v came back as %+v (%v)", f, got, ok)
		}
	}
	if _, ok := parseFilePart("File a is broken"); ok {
		t.Error("ordinary words were taken for a file")
	}
	var m Message
	m.fill([]chat.Part{{Text: filePart(File{"a.go", "x"})}, {Text: "Why?"}})
	if m.Text != "Why?" || len(m.Files) != 1 {
		t.Errorf("the question is %+v", m)
	}
}

func FuzzFilePart(f *testing.F) {
	f.Add("File `a`:\n```go\nx\n```")
	f.Add("File `a`:\n````\n")
	f.Fuzz(func(t *testing.T, text string) {
		if file, ok := parseFilePart(text); ok && file.Name == "" && !strings.Contains(text, "``") {
			t.Errorf("%q is a file without a name", text)
		}
	})
}

// The pages of a PDF lie in the attachments as pictures, no more than can be looked through.
func TestPagesOfAPDF(t *testing.T) {
	kids := strings.Repeat("3 0 R ", maxPages+1)
	data := fmt.Sprintf("%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[%s]/Count %d>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 60]>>endobj trailer<</Root 1 0 R>>", kids, maxPages+1)
	var g gathered
	if err := g.pages("scan.pdf", []byte(data)); err != nil {
		t.Fatal(err)
	}
	if len(g.items) != maxPages || g.items[1].Name != "scan.pdf, page 2" || g.items[0].Info.Width != pageSide {
		t.Errorf("%d pages were taken, the first as %+v", len(g.items), g.items[0])
	}
	if len(g.refusals) != 1 || g.refusals[0].Reason != "it has 21 pages; the first 20 were taken" {
		t.Errorf("refused are %v", g.refusals)
	}
}
