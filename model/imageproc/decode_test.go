package imageproc

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"runtime"
	"strings"
	"testing"
)

// What a person gets who picks the wrong file.
func TestRefusals(t *testing.T) {
	box := func(brands string) string { return "\x00\x00\x00" + string(rune(8+len(brands))) + "ftyp" + brands }
	for name, c := range map[string]struct{ data, want string }{
		"nothing":     {"", "empty"},
		"text":        {"Dear diary,\nGröße 日本語", "holds text"},
		"data URL":    {"data:image/png;base64,iVBORw0KGgo=", "holds text"},
		"HEIC":        {box("heic\x00\x00\x00\x00mif1heic"), "HEIC file, which cannot be read here; open it in a photo app"},
		"AVIF":        {box("mif1\x00\x00\x00\x00mif1avif"), "AVIF"},
		"film":        {box("isom\x00\x00\x02\x00isomiso2mp41"), "screenshot"},
		"SVG":         {"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "export it as PNG"},
		"PDF":         {"%PDF-1.7\n%\xe2\xe3", "page you mean"},
		"web page":    {"<!DOCTYPE html><title>x</title>", "web page"},
		"JPEG XL":     {"\xff\x0a\x00\x00", "JPEG XL"},
		"JPEG 2000":   {"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"},
		"icon":        {"\x00\x00\x01\x00\x01\x00", "save it as PNG"},
		"PSD":         {"8BPS\x00\x01", "Photoshop"},
		"office":      {"PK\x03\x04\x14\x00", "ZIP"},
		"program":     {"\x7fELF\x02\x01\x01\x00", "not a picture of a known kind"},
		"PNG, no end": {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG picture could not be read"},
		"JPEG start":  {"\xff\xd8\xff", "JPEG picture could not be read"},
		"empty GIF":   {"GIF89a\x00\x00\x00\x00\x00\x00\x00", "0 × 0"},
		"WebP shell":  {"RIFF\x04\x00\x00\x00WEBP", "no picture data"},
		"huge WebP":   {"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xffVP8L\x05\x00\x00\x00\x2f\x00\x00\x00\x00\x00", "limit is 100 megapixels"},
	} {
		_, err := Decode([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", name, err, c.want)
		}
		if _, err := Probe([]byte(c.data)); err == nil {
			t.Errorf("%s: Probe found nothing wrong", name)
		}
	}
}

// A header may claim any size; neither that nor a real bomb may cost memory.
func TestBombs(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"PNG beyond the limit": {claimPNG(t, 20000, 5001), "20000 × 5001 pixels (100 megapixels); the limit is 100 megapixels"},
		"PNG of a terapixel":   {claimPNG(t, 1<<20, 1<<20), "limit is 100 megapixels"},
		"PNG too short":        {claimPNG(t, 10000, 10000), "too short for the 10000 × 10000 pixels"},
		"JPEG too short":       {claimJPEG(t, 10000, 10000), "too short"},
		"JPEG beyond":          {claimJPEG(t, 65535, 65535), "limit is 100 megapixels"},
		"JPEG of many scans":   {append(readPicture(t, "ycc444.jpg"), bytes.Repeat([]byte{0xff, 0xda}, 501)...), "scans"},
		"BMP too short":        {claimBMP(t, 9000, 9000), "too short"},
		"TIFF with huge tiles": {tiff(map[uint16]uint32{256: 9, 257: 9, 258: 8, 262: 1, 0x142: 1 << 20, 0x143: 1 << 20, 0x144: 8, 0x145: 8}), "tiles are far larger"},
		"TIFF, same strip":     {tiff(map[uint16]uint32{256: 9, 257: 9, 258: 8, 262: 1, 0x111: 8, 0x117: 1 << 30}), "add up to more"},
		"TIFF, far offset":     {tiff(map[uint16]uint32{256: 9, 257: 9, 258: 8, 262: 1, 0x111: 1<<32 - 1, 0x117: 81}), "could not be read"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(c.data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: refused only after allocating %d bytes", name, used)
		}
	}
}

// Every golden picture, cut anywhere, is either read or refused in a sentence.
func TestCutFiles(t *testing.T) {
	for _, g := range readGolden(t).Pictures {
		data := readPicture(t, g.File)
		for n := 0; n < len(data); n += 1 + len(data)/40 {
			if p, err := Decode(data[:n]); err != nil && !strings.Contains(err.Error(), " ") {
				t.Errorf("%s cut to %d bytes: %q", g.File, n, err)
			} else if err == nil && len(p.RGB) != 3*p.Width*p.Height {
				t.Errorf("%s cut to %d bytes: %d × %d with %d values", g.File, n, p.Width, p.Height, len(p.RGB))
			}
		}
	}
}

func TestDecoderPanicIsASentence(t *testing.T) {
	fail := func() (err error) {
		defer rescue(GIF, &err)
		parallel(3, func(lo, _ int) { _ = []int{}[lo] })
		return nil
	}
	if err := fail(); err == nil || !strings.Contains(err.Error(), "the GIF picture could not be read (runtime error") {
		t.Error(err)
	}
}

// What the model will not see is said.
func TestNotes(t *testing.T) {
	for file, want := range map[string]string{
		"animated.png": "first frame", "animated.webp": "first frame", "animated.gif": "first frame",
		"grey16.png": "above 255", "plain.gif": "", "ycc420.jpg": "", "rgba8.png": "",
	} {
		info, err := Probe(readPicture(t, file))
		if err != nil || !strings.Contains(info.Note, want) || (want == "") != (info.Note == "") {
			t.Errorf("%s: %q, %v, want %q", file, info.Note, err, want)
		}
	}
}

func TestProbeIsUpright(t *testing.T) {
	info, err := Probe(readPicture(t, "turned6.jpg"))
	if want := (Info{Format: JPEG, Width: 34, Height: 60, Orientation: 6}); info != want || err != nil {
		t.Errorf("%+v, %v, want %+v", info, err, want)
	}
}

func TestUnusableArguments(t *testing.T) {
	if _, err := (Rule{}).Patches(ramp(4, 4)); err == nil {
		t.Error("a rule of zeros cut patches")
	}
	for _, p := range []*Picture{nil, {}, {Width: 2, Height: 2, RGB: make([]byte, 11)}} {
		if _, err := pixtral.Patches(p); err == nil {
			t.Errorf("%+v was cut into patches", p)
		}
	}
	if g := pixtral.Grid(0, 5); g != (Grid{}) {
		t.Errorf("an empty picture has the grid %+v", g)
	}
}

func TestPreviewFits(t *testing.T) {
	if got := ramp(300, 150).Preview(100).Bounds(); got != image.Rect(0, 0, 100, 50) {
		t.Errorf("300 × 150 previews as %v", got)
	}
	small := ramp(30, 15)
	if got := small.Preview(100); got.Bounds() != image.Rect(0, 0, 30, 15) || got.Pix[0] != small.RGB[0] {
		t.Errorf("30 × 15 previews as %v", got.Bounds())
	}
}

func TestKeysTellFilesApart(t *testing.T) {
	first, same, other := KeyOf([]byte("a")), KeyOf([]byte("a")), KeyOf([]byte("b"))
	if first != same || first == other {
		t.Error("keys do not follow the bytes")
	}
}

// claimPNG is a true 1 × 1 picture whose header claims another size.
func claimPNG(t *testing.T, width, height uint32) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	binary.BigEndian.PutUint32(data[16:], width)
	binary.BigEndian.PutUint32(data[20:], height)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func claimJPEG(t *testing.T, width, height uint16) []byte {
	t.Helper()
	data := readPicture(t, "ycc444.jpg")
	at := bytes.Index(data, []byte{0xff, 0xc0}) // start of frame
	binary.BigEndian.PutUint16(data[at+5:], height)
	binary.BigEndian.PutUint16(data[at+7:], width)
	return data
}

func claimBMP(t *testing.T, width, height uint32) []byte {
	t.Helper()
	data := readPicture(t, "rgb.bmp")
	binary.LittleEndian.PutUint32(data[18:], width)
	binary.LittleEndian.PutUint32(data[22:], height)
	return data
}

// tiff is a file of nothing but one directory of long values.
func tiff(tags map[uint16]uint32) []byte {
	data := []byte("II*\x00\x08\x00\x00\x00")
	data = binary.LittleEndian.AppendUint16(data, uint16(len(tags)))
	for tag := range uint16(1 << 10) {
		if v, ok := tags[tag]; ok {
			data = binary.LittleEndian.AppendUint16(data, tag)
			data = append(data, 4, 0, 1, 0, 0, 0)
			data = binary.LittleEndian.AppendUint32(data, v)
		}
	}
	return binary.LittleEndian.AppendUint32(data, 0)
}
