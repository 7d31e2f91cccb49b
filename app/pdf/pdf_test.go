package pdf

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
)

// Document is a PDF of so many pages of 612 × 792 points, each with words at its top
// and a red rectangle below the middle of its left half.
func document(pages int) []byte {
	var out bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	out.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 5+i))
	}
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	drawing := "BT /F1 36 Tf 72 720 Td (Total 418.20) Tj ET 1 0 0 rg 100 300 200 100 re f"
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(drawing), drawing))
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>")
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return out.Bytes()
}

func TestPages(t *testing.T) {
	pages, total, err := Pages(document(3), 2, 792)
	if err != nil || len(pages) != 2 || total != 3 {
		t.Fatalf("%d of %d pages were drawn: %v", len(pages), total, err)
	}
	page, err := png.Decode(bytes.NewReader(pages[0]))
	if err != nil {
		t.Fatal(err)
	}
	if size := page.Bounds().Size(); size.X != 612 || size.Y != 792 {
		t.Errorf("a page is %v", size)
	}
	if r, g, _, a := page.At(200, 440).RGBA(); r>>8 != 255 || g != 0 || a>>8 != 255 {
		t.Errorf("the rectangle is %v", page.At(200, 440))
	}
	if r, g, b, _ := page.At(500, 600).RGBA(); r&g&b>>8 != 255 {
		t.Errorf("the paper is %v", page.At(500, 600))
	}
	dark := 0
	for x := range 612 {
		if r, _, _, _ := page.At(x, 60).RGBA(); r>>8 < 128 {
			dark++
		}
	}
	if dark < 20 {
		t.Errorf("there are no words on the page: %d dark pixels", dark)
	}
}

// A damaged file is refused with a sentence.
func TestDamagedFilesAreRefused(t *testing.T) {
	whole := document(1)
	for name, data := range map[string][]byte{"its beginning": whole[:60], "its magic alone": []byte("%PDF-1.7\n\x00\x01\x02"), "noise": bytes.Repeat([]byte("%PDF-\xff"), 50)} {
		if _, _, err := Pages(data, 1, 100); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if !Is(whole) || Is([]byte("no")) {
		t.Error("a PDF is not told by its beginning")
	}
}
