package imageproc

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// gradient is a picture whose pixels all differ a little.
func gradient(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 3), uint8(y * 3), uint8(x + y), 255})
		}
	}
	return m
}

// A file that lost its very end is read, with a note; one that lost more is refused.
func TestLostEnds(t *testing.T) {
	var asPNG, asJPEG bytes.Buffer
	if err := png.Encode(&asPNG, gradient(80, 60)); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, gradient(80, 60), nil); err != nil {
		t.Fatal(err)
	}
	p, j := asPNG.Bytes(), asJPEG.Bytes()
	for name, data := range map[string][]byte{
		"PNG without IEND": p[:len(p)-12], "PNG with half of IEND": p[:len(p)-5],
		"JPEG without EOI": j[:len(j)-2], "JPEG cut in its last block": j[:len(j)-6],
	} {
		info, err := Probe(data)
		if err != nil || info.Note != endlessNote {
			t.Errorf("%s: %v, %q", name, err, info.Note)
			continue
		}
		got, err := Decode(data)
		if err != nil || got.Width != 80 || got.Height != 60 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range map[string][]byte{"half a PNG": p[:len(p)/2], "half a JPEG": j[:len(j)/2]} {
		if _, err := Decode(data); err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if info, err := Probe(j); err != nil || info.Note != "" {
		t.Errorf("a whole file: %v, %q", err, info.Note)
	}
}

// What a person gives with 16-bit grey values looks as in a viewer; values that fit in
// 8 bits stay as they are.
func TestViewable(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 64, 4))
	for x := range 64 {
		for y := range 4 {
			deep.SetGray16(x, y, color.Gray16{uint16(x * 1024)})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, deep); err != nil {
		t.Fatal(err)
	}
	out, note, err := Viewable(file.Bytes())
	if err != nil || note == "" {
		t.Fatalf("%q, %v", note, err)
	}
	p, err := Decode(out)
	if err != nil {
		t.Fatal(err)
	}
	row := p.RGB[3*64 : 2*3*64]
	if row[3*40] != 160 || row[3*63+1] != 252 {
		t.Errorf("the greys are %v", row)
	}
	dark := image.NewGray16(image.Rect(0, 0, 2, 2))
	dark.SetGray16(0, 0, color.Gray16{200})
	file.Reset()
	if err := png.Encode(&file, dark); err != nil {
		t.Fatal(err)
	}
	if out, note, err := Viewable(file.Bytes()); err != nil || note != "" || !bytes.Equal(out, file.Bytes()) {
		t.Errorf("values that fit: %q, %v", note, err)
	}
	if _, _, err := Viewable([]byte("no picture")); err == nil {
		t.Error("a text is viewable")
	}
}
