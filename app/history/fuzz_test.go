package history

import (
	"os"
	"path/filepath"
	"testing"

	"sirocco/model/chat"
)

// The pages of a damaged database are read by hand, whatever is in them.
func FuzzPages(f *testing.F) {
	dir := f.TempDir()
	s := open(f, dir)
	id := must(s.New(Preset{}))(f)
	must(s.Append(id, 0, chat.Text(chat.User, "words")))(f)
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "history.db"))
	if err != nil {
		f.Fatal(err)
	}
	for at := 0; at < len(file) && at < 12*4096; at += 4096 {
		f.Add(file[at:at+4096], uint16(8))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		p := &pages{data: data, size: 4096, newer: map[uint32][]byte{}}
		p.readLog(data[min(int(at), len(data)):])
		r := &remains{map[int64][]any{}, map[int64][]any{}, map[int64][]any{}, map[[2]int64][]any{}, 0}
		p.each(r.sort)
		r.mend()
	})
}

// What was packed may come from anywhere: it is unpacked within bounds, or refused.
func FuzzPacked(f *testing.F) {
	s := open(f, f.TempDir())
	for _, text := range []string{"", "{}\n", `{"kind":"text","text":"a"}` + "\n"} {
		packed, err := pack([]byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := unpack(data)
		if err != nil {
			return
		}
		_, _ = s.parseEvents(lines)
		_, _ = s.unpackRequest(data)
	})
}
