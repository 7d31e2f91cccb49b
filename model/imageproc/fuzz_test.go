package imageproc

import "testing"

// FuzzDecode: no bytes panic, allocate without bound or give a picture that does
// not fit its own size. The goldens are the seeds.
func FuzzDecode(f *testing.F) {
	for _, g := range readGolden(f).Pictures {
		if data := readPicture(f, g.File); len(data) < 8<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Probe(data)
		if err != nil {
			return
		}
		if info.Width*info.Height > 1<<20 {
			return // allowed, but slow to try by the million
		}
		p, err := Decode(data)
		if err != nil {
			return
		}
		if p.Width != info.Width || p.Height != info.Height || len(p.RGB) != 3*p.Width*p.Height {
			t.Fatalf("probed %d × %d, decoded %d × %d with %d values", info.Width, info.Height, p.Width, p.Height, len(p.RGB))
		}
		if _, err := (Rule{PatchSize: 2, MaxSize: 8, Merge: 2}).Patches(p); err != nil {
			t.Fatal(err)
		}
	})
}
