package model

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// What a conversation's cache holds can be kept in a file and taken up from there
// by another run of the program: a long prompt, or a large picture, is then read
// once and not once a day. The file is a row of blocks, one for each turn:
//
//	"SIROCCO\x01", length of the head, head (JSON), keys and values, CRC-32 of them
//
// A block that is damaged or was not written to its end counts as not there, with
// all that follow it.

const (
	snapshotMagic = chat.KVSnapshotMagic
	maxHeader     = 16 << 20 // far above the ids of the longest context
)

// snapshotHeader says what a block holds.
type snapshotHeader struct {
	Model    string          `json:"model"` // whose keys and values these are
	From     int             `json:"from"`
	To       int             `json:"to"`
	IDs      []int32         `json:"ids"` // from From to To
	Pictures []snapshotImage `json:"pictures,omitempty"`
	Bytes    int64           `json:"bytes"`
}

// snapshotImage is a picture that begins in a block.
type snapshotImage struct {
	Start  int    `json:"start"`
	SHA256 string `json:"sha256"`
}

// snapshotBlock is a block and where it lies.
type snapshotBlock struct {
	snapshotHeader
	data int64 // where the keys and values begin
	end  int64 // of the block
}

// snapshotFile is a file of blocks, open. What it holds of a conversation are blocks whose
// ids follow one another.
type snapshotFile struct {
	file   *os.File
	blocks []snapshotBlock
	prefix prefix // of all blocks
}

// openSnapshotFile opens the file at path or makes it, and reads the heads of the blocks
// that belong to this model; bytes is what so many tokens take. A file of another
// kind is an error, for it would be written over.
func openSnapshotFile(path, model string, bytes func(tokens int) int64) (*snapshotFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the file of what was read before: %w", err)
	}
	k := &snapshotFile{file: file}
	if err := k.readHeaders(model, bytes); err != nil {
		file.Close()
		return nil, err
	}
	return k, nil
}

func (k *snapshotFile) readHeaders(model string, bytes func(tokens int) int64) error {
	at := int64(0)
	for {
		block, err := k.header(at)
		if at == 0 && errors.Is(err, errForeign) {
			return &chat.RequestError{Param: "resume", Message: fmt.Sprintf("%s is no file of what a model has read, and would be written over; choose another name", k.file.Name())}
		}
		if err != nil || block.Model != model || block.From != len(k.prefix.ids) || block.Bytes != bytes(len(block.IDs)) {
			return nil // what is behind is written anew
		}
		k.blocks = append(k.blocks, block)
		k.prefix.ids = append(k.prefix.ids, block.IDs...)
		for _, picture := range block.Pictures {
			var key imageproc.Key
			copy(key[:], mustHex(picture.SHA256))
			k.prefix.pictures = append(k.prefix.pictures, imagePosition{picture.Start, key})
		}
		at = block.end
	}
}

// errForeign is the beginning of a file that is not ours.
var errForeign = errors.New("not a block")

// header reads and checks the head of the block at an offset.
func (k *snapshotFile) header(at int64) (b snapshotBlock, err error) {
	info, err := k.file.Stat()
	if err != nil || info.Size() == at {
		return b, io.EOF
	}
	start := make([]byte, len(snapshotMagic)+4)
	if _, err := k.file.ReadAt(start, at); err != nil || !bytes.HasPrefix(start, []byte(snapshotMagic)) {
		return b, errForeign
	}
	length := int64(binary.LittleEndian.Uint32(start[len(snapshotMagic):]))
	b.data = at + int64(len(start)) + length
	if length > maxHeader || b.data > info.Size() {
		return b, io.ErrUnexpectedEOF
	}
	text := make([]byte, length)
	if _, err := k.file.ReadAt(text, at+int64(len(start))); err != nil {
		return b, err
	}
	if err := json.Unmarshal(text, &b.snapshotHeader); err != nil {
		return b, err
	}
	if b.Bytes < 0 || b.Bytes > info.Size()-b.data-crc32.Size || b.From < 0 || b.To-b.From != len(b.IDs) || len(b.IDs) == 0 {
		return b, io.ErrUnexpectedEOF
	}
	for _, picture := range b.Pictures {
		if picture.Start < b.From || picture.Start >= b.To || len(mustHex(picture.SHA256)) != len(imageproc.Key{}) {
			return b, io.ErrUnexpectedEOF
		}
	}
	b.end = b.data + b.Bytes + crc32.Size
	return b, nil
}

// mustHex is what hexadecimal digits say, or nothing.
func mustHex(s string) []byte {
	data, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return data
}

// read hands the keys and values of a block to restore and checks them. They are
// read twice: nothing damaged shall get into the cache.
func (k *snapshotFile) read(b snapshotBlock, restore func(r io.Reader) error) error {
	section := func() *bufio.Reader { return bufio.NewReaderSize(io.NewSectionReader(k.file, b.data, b.Bytes), 1<<20) }
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, section()); err != nil {
		return err
	}
	var want [crc32.Size]byte
	if _, err := k.file.ReadAt(want[:], b.data+b.Bytes); err != nil {
		return err
	}
	if sum.Sum32() != binary.LittleEndian.Uint32(want[:]) {
		return fmt.Errorf("the keys and values of tokens %d to %d are damaged", b.From, b.To)
	}
	return restore(section())
}

// truncate drops the blocks that do not lie within the first n tokens, and returns how
// many tokens are left.
func (k *snapshotFile) truncate(n int) (int, error) {
	tokens, end := 0, int64(0)
	for i, b := range k.blocks {
		if b.To > n {
			k.blocks = k.blocks[:i]
			break
		}
		tokens, end = b.To, b.end
	}
	return tokens, k.file.Truncate(end)
}

// add appends a block; save writes its keys and values.
func (k *snapshotFile) add(head snapshotHeader, save func(w io.Writer) error) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	end, err := k.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	out, sum := bufio.NewWriterSize(k.file, 1<<20), crc32.NewIEEE()
	out.WriteString(snapshotMagic)
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
	out.Write(text)
	if err := save(io.MultiWriter(out, sum)); err != nil {
		return errors.Join(err, k.file.Truncate(end))
	}
	out.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	if err := out.Flush(); err != nil {
		return errors.Join(err, k.file.Truncate(end))
	}
	return nil
}

// identity names a model whose keys and values fit no other's: files, shape,
// types. A file that was written since is another.
func (m *Model) identity(files []string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%+v\n%s\n", m.config.Text, m.plan.KV)
	for _, t := range m.stored.tensors {
		fmt.Fprintln(sum, t)
	}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(sum, filepath.Base(path), info.Size(), info.ModTime().UnixNano())
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
