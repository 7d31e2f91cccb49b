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
	"sirocco/model/patch"
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
	keptMagic = chat.KeptMagic
	mostHead  = 16 << 20 // far above the ids of the longest context
)

// keptHead says what a block holds.
type keptHead struct {
	Model    string        `json:"model"` // whose keys and values these are
	From     int           `json:"from"`
	To       int           `json:"to"`
	IDs      []int32       `json:"ids"` // from From to To
	Pictures []keptPicture `json:"pictures,omitempty"`
	Bytes    int64         `json:"bytes"`
}

// keptPicture is a picture that begins in a block.
type keptPicture struct {
	Start  int    `json:"start"`
	SHA256 string `json:"sha256"`
}

// keptBlock is a block and where it lies.
type keptBlock struct {
	keptHead
	data int64 // where the keys and values begin
	end  int64 // of the block
}

// kept is a file of blocks, open. What it holds of a conversation are blocks whose
// ids follow one another.
type kept struct {
	file   *os.File
	blocks []keptBlock
	prefix prefix // of all blocks
}

// openKept opens the file at path or makes it, and reads the heads of the blocks
// that belong to this model; bytes is what so many tokens take. A file of another
// kind is an error, for it would be written over.
func openKept(path, model string, bytes func(tokens int) int64) (*kept, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the file of what was read before: %w", err)
	}
	k := &kept{file: file}
	if err := k.survey(model, bytes); err != nil {
		file.Close()
		return nil, err
	}
	return k, nil
}

func (k *kept) survey(model string, bytes func(tokens int) int64) error {
	at := int64(0)
	for {
		block, err := k.head(at)
		if at == 0 && errors.Is(err, errForeign) {
			return &chat.RequestError{Param: "resume", Message: fmt.Sprintf("%s is no file of what a model has read, and would be written over; choose another name", k.file.Name())}
		}
		if err != nil || block.Model != model || block.From != len(k.prefix.ids) || block.Bytes != bytes(len(block.IDs)) {
			return nil // what is behind is written anew
		}
		k.blocks = append(k.blocks, block)
		k.prefix.ids = append(k.prefix.ids, block.IDs...)
		for _, picture := range block.Pictures {
			var key patch.Key
			copy(key[:], mustHex(picture.SHA256))
			k.prefix.pictures = append(k.prefix.pictures, placed{picture.Start, key})
		}
		at = block.end
	}
}

// errForeign is the beginning of a file that is not ours.
var errForeign = errors.New("not a block")

// head reads and checks the head of the block at an offset.
func (k *kept) head(at int64) (b keptBlock, err error) {
	info, err := k.file.Stat()
	if err != nil || info.Size() == at {
		return b, io.EOF
	}
	start := make([]byte, len(keptMagic)+4)
	if _, err := k.file.ReadAt(start, at); err != nil || !bytes.HasPrefix(start, []byte(keptMagic)) {
		return b, errForeign
	}
	length := int64(binary.LittleEndian.Uint32(start[len(keptMagic):]))
	b.data = at + int64(len(start)) + length
	if length > mostHead || b.data > info.Size() {
		return b, io.ErrUnexpectedEOF
	}
	text := make([]byte, length)
	if _, err := k.file.ReadAt(text, at+int64(len(start))); err != nil {
		return b, err
	}
	if err := json.Unmarshal(text, &b.keptHead); err != nil {
		return b, err
	}
	if b.Bytes < 0 || b.Bytes > info.Size()-b.data-crc32.Size || b.From < 0 || b.To-b.From != len(b.IDs) || len(b.IDs) == 0 {
		return b, io.ErrUnexpectedEOF
	}
	for _, picture := range b.Pictures {
		if picture.Start < b.From || picture.Start >= b.To || len(mustHex(picture.SHA256)) != len(patch.Key{}) {
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
func (k *kept) read(b keptBlock, restore func(r io.Reader) error) error {
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

// cut drops the blocks that do not lie within the first n tokens, and returns how
// many tokens are left.
func (k *kept) cut(n int) (int, error) {
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
func (k *kept) add(head keptHead, save func(w io.Writer) error) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	end, err := k.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	out, sum := bufio.NewWriterSize(k.file, 1<<20), crc32.NewIEEE()
	out.WriteString(keptMagic)
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
