package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A safetensors file is an 8-byte little-endian length, so many bytes of JSON
// that map names to {dtype, shape, data_offsets}, then the data. The rules here
// are those of the reference reader (huggingface/safetensors,
// safetensors/src/tensor.rs): the tensors cover the data without gap or overlap
// and nothing follows them.
const (
	lengthBytes  = 8
	maxHeader    = 100 << 20
	maxFile      = 1 << 50 // keeps byte counts times 8 within 63 bits
	maxTensors   = 1 << 17
	maxRank      = 8
	metadataName = "__metadata__"
)

// elementBits knows every type of the format, so that a file may carry tensors
// the model does not use.
var elementBits = map[string]int64{
	"F64": 64, "F32": 32, "F16": 16, "BF16": 16,
	"I64": 64, "I32": 32, "I16": 16, "I8": 8,
	"U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8, "C64": 64,
	"F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
	"F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}

// entry is one tensor as a header describes it, offsets counted from the start
// of the file.
type entry struct {
	name       string
	dtype      Type
	shape      []int
	begin, end int64
}

// readHeader reads and checks the header of a file of the given size.
func readHeader(r io.ReaderAt, size int64) ([]entry, error) {
	var start [lengthBytes]byte
	if size < lengthBytes {
		return nil, fmt.Errorf("the file is %d bytes long, too short for a safetensors header; fetch it again", size)
	}
	if size > maxFile {
		return nil, fmt.Errorf("the file is %d bytes long, more than any model; it is damaged", size)
	}
	if _, err := r.ReadAt(start[:], 0); err != nil {
		return nil, fmt.Errorf("reading the header's length: %v", err)
	}
	length := binary.LittleEndian.Uint64(start[:])
	if length > maxHeader || int64(length) > size-lengthBytes {
		return nil, tooLong(start[:], length, size)
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, lengthBytes); err != nil {
		return nil, fmt.Errorf("reading the header: %v", err)
	}
	first := lengthBytes + int64(length)
	entries, err := parseHeader(text, size-first)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		entries[i].begin += first
		entries[i].end += first
	}
	return entries, nil
}

// tooLong explains a length that cannot be, after a look at what people put in
// such a file's place by accident.
func tooLong(start []byte, length uint64, size int64) error {
	switch {
	case string(start) == "version ":
		return errors.New("this is a Git LFS pointer, not the weights; run `git lfs pull` in the model's folder")
	case strings.HasPrefix(string(start), "GGUF"):
		return errors.New("this is a GGUF file under a safetensors name; put the safetensors file there")
	case strings.HasPrefix(string(start), "PK"):
		return errors.New("this is a zip archive (a PyTorch file?), not safetensors; convert it first")
	case start[0] == '<':
		return errors.New("this looks like a web page saved in place of the weights; fetch the file again")
	case length > maxHeader:
		return fmt.Errorf("the header says it is %d bytes long, more than the %d a safetensors header may have; this is no safetensors file, or a damaged one: fetch it again", length, maxHeader)
	}
	return fmt.Errorf("the header says it is %d bytes long but the file ends after %d; the download is incomplete: fetch it again", length, size)
}

// parseHeader reads the JSON of a header whose data is so many bytes long and
// returns the tensors in the order of their data.
func parseHeader(text []byte, data int64) ([]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("the header is not a JSON object; the file is damaged: fetch it again")
	}
	var entries []entry
	seen := map[string]bool{}
	for dec.More() {
		e, err := nextEntry(dec, data, seen)
		if err != nil {
			return nil, err
		}
		if e.name != metadataName {
			entries = append(entries, e)
		}
		if len(entries) > maxTensors {
			return nil, fmt.Errorf("the header lists more than %d tensors, which no Mistral3 checkpoint has", maxTensors)
		}
	}
	if err := endsCleanly(dec); err != nil {
		return nil, err
	}
	return entries, covers(entries, data)
}

func nextEntry(dec *json.Decoder, data int64, seen map[string]bool) (entry, error) {
	token, err := dec.Token()
	name, isText := token.(string)
	if err != nil || !isText {
		return entry{}, fmt.Errorf("the header breaks off after %d tensors (%v); the file is damaged: fetch it again", len(seen), err)
	}
	if seen[name] {
		return entry{}, fmt.Errorf("tensor %q is listed twice in the header", clip(name))
	}
	seen[name] = true
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return entry{}, fmt.Errorf("tensor %q: its description is not JSON (%v)", clip(name), err)
	}
	if name == metadataName {
		return entry{name: name}, nil
	}
	e, err := parseEntry(raw, data)
	if err != nil {
		return entry{}, fmt.Errorf("tensor %q: %w", clip(name), err)
	}
	e.name = name
	return e, nil
}

func endsCleanly(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("the header breaks off (%v); the file is damaged: fetch it again", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("the header goes on after its JSON object ends; the file is damaged: fetch it again")
	}
	return nil
}

func parseEntry(raw json.RawMessage, data int64) (entry, error) {
	var fields map[string]json.RawMessage
	var dtype string
	var shape, offsets []uint64
	if err := json.Unmarshal(raw, &fields); err != nil {
		return entry{}, fmt.Errorf("its description is %s, not an object", clip(string(raw)))
	}
	for _, field := range []struct {
		key    string
		dst    any
		wanted string
	}{
		{"dtype", &dtype, "a text"},
		{"shape", &shape, "a list of whole numbers"},
		{"data_offsets", &offsets, "two whole numbers"},
	} {
		value, ok := fields[field.key]
		if !ok || bytes.Contains(value, []byte("null")) {
			return entry{}, fmt.Errorf("it has no proper %s", field.key)
		}
		if err := json.Unmarshal(value, field.dst); err != nil {
			return entry{}, fmt.Errorf("its %s is %s, not %s", field.key, clip(string(value)), field.wanted)
		}
	}
	return checkEntry(dtype, shape, offsets, data)
}

// checkEntry holds what a tensor says of itself against the bytes there are.
func checkEntry(dtype string, shape, offsets []uint64, data int64) (entry, error) {
	bits, known := elementBits[dtype]
	switch {
	case !known:
		return entry{}, fmt.Errorf("its dtype %q is unknown; the model must be stored in BF16, F16 or F32", clip(dtype))
	case len(shape) > maxRank:
		return entry{}, fmt.Errorf("its shape has %d dimensions; at most %d are possible", len(shape), maxRank)
	case len(offsets) != 2 || offsets[0] > offsets[1]:
		return entry{}, fmt.Errorf("its data_offsets are %v, not a begin and an end", clip(fmt.Sprint(offsets)))
	case offsets[1] > uint64(data):
		return entry{}, fmt.Errorf("its data_offsets %v reach beyond the %d bytes of data in the file; the download is incomplete: fetch it again", offsets, data)
	}
	e := entry{dtype: Type(dtype), begin: int64(offsets[0]), end: int64(offsets[1])}
	elements, ok := product(shape, uint64(data)*8/uint64(bits))
	if !ok {
		return entry{}, fmt.Errorf("its shape %v needs more bytes than the file has", shape)
	}
	// Both factors are bounded by the file's size, so this fits.
	if elements*bits != (e.end-e.begin)*8 {
		return entry{}, fmt.Errorf("its shape %v of %s needs %d bytes but its data_offsets %v span %d", shape, dtype, (elements*bits+7)/8, offsets, e.end-e.begin)
	}
	for _, d := range shape {
		e.shape = append(e.shape, int(d))
	}
	return e, nil
}

// product multiplies dimensions unless the result exceeds most.
func product(shape []uint64, most uint64) (int64, bool) {
	n := uint64(1)
	if slices.Contains(shape, 0) {
		n = 0
	}
	for _, d := range shape {
		if d > math.MaxInt64 || (n > 0 && d > most/n) {
			return 0, false
		}
		n *= d
	}
	return int64(n), n <= most
}

// covers sorts entries by their place and refuses overlaps, gaps and bytes that
// belong to no tensor.
func covers(entries []entry, data int64) error {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.begin != b.begin {
			return int(min(max(a.begin-b.begin, -1), 1))
		}
		return int(min(max(a.end-b.end, -1), 1))
	})
	end, before := int64(0), "the header"
	for _, e := range entries {
		if e.begin < end {
			return fmt.Errorf("the data of tensor %q overlaps that of %s; the file is damaged: fetch it again", clip(e.name), before)
		}
		if e.begin > end {
			return fmt.Errorf("%d bytes before tensor %q belong to no tensor; the file is damaged: fetch it again", e.begin-end, clip(e.name))
		}
		end, before = e.end, fmt.Sprintf("%q", clip(e.name))
	}
	if end != data {
		return fmt.Errorf("the header describes %d bytes of data but the file holds %d; it is damaged or two files ran together: fetch it again", end, data)
	}
	return nil
}

// clip keeps a hostile name from filling the screen.
func clip(text string) string {
	const limit = 120
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
