package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// bytesOf is what so many tokens take in the files of these tests.
func bytesOf(tokens int) int64 { return 8 * int64(tokens) }

// keptFile is a file of two blocks, five and three tokens, with a picture in the first.
func keptFile(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "conversation.kv")
	k, err := openSnapshotFile(path, "m", bytesOf)
	if err != nil {
		t.Fatal(err)
	}
	defer k.file.Close()
	picture := snapshotImage{1, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
	for _, head := range []snapshotHeader{
		{Model: "m", From: 0, To: 5, IDs: []int32{1, 10, 10, 13, 7}, Pictures: []snapshotImage{picture}, Bytes: bytesOf(5)},
		{Model: "m", From: 5, To: 8, IDs: []int32{4, 5, 6}, Bytes: bytesOf(3)},
	} {
		err := k.add(head, func(w io.Writer) error { _, err := w.Write(bytes.Repeat([]byte{7}, int(head.Bytes))); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// survey opens a kept file and checks that what it is said to hold is there and whole.
func survey(t *testing.T, path string, size int64) (tokens int) {
	t.Helper()
	k, err := openSnapshotFile(path, "m", bytesOf)
	if err != nil {
		return 0
	}
	defer k.file.Close()
	for _, b := range k.blocks {
		if b.From != tokens || b.end > size || b.data < 0 || b.Bytes != bytesOf(len(b.IDs)) {
			t.Fatalf("a block of %+v in %d bytes", b, size)
		}
		tokens = b.To
		err := k.read(b, func(r io.Reader) error {
			if n, err := io.Copy(io.Discard, r); n != b.Bytes {
				t.Errorf("%d bytes of %d (%v)", n, b.Bytes, err)
			}
			return nil
		})
		if err != nil {
			return tokens
		}
	}
	if len(k.prefix.ids) != tokens {
		t.Errorf("%d ids for %d tokens", len(k.prefix.ids), tokens)
	}
	return tokens
}

// A kept file that ends anywhere holds the blocks that are whole, and goes on from there.
func TestKeptFileCutAnywhere(t *testing.T) {
	path := keptFile(t, t.TempDir())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.LastIndex(whole, []byte(snapshotMagic))
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		keep, want := random.IntN(len(whole)+1), 0
		if err := os.WriteFile(path, whole[:keep], 0o600); err != nil {
			t.Fatal(err)
		}
		switch {
		case keep == len(whole):
			want = 8
		case keep >= first:
			want = 5
		}
		if got := survey(t, path, int64(keep)); got != want {
			t.Errorf("cut after %d of %d bytes: %d tokens, want %d", keep, len(whole), got, want)
		}
	}
}

// Any file is refused, or its blocks lie inside it, follow one another and are as long as they say.
func FuzzKept(f *testing.F) {
	whole, err := os.ReadFile(keptFile(f, f.TempDir()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	f.Add([]byte(snapshotMagic + "\xff\xff\xff\xff{"))
	for _, head := range []snapshotHeader{{Model: "m", To: 1 << 40, IDs: []int32{1}, Bytes: 1 << 62}, {Model: "m", From: -1, IDs: []int32{1}, Bytes: -4}} {
		text, err := json.Marshal(head)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(binary.LittleEndian.AppendUint32([]byte(snapshotMagic), uint32(len(text))), text...))
	}
	path := filepath.Join(f.TempDir(), "conversation.kv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		survey(t, path, int64(len(data)))
	})
}
