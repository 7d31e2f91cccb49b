package checkpoint

import (
	"bytes"
	"testing"
)

// Any bytes are either refused or describe tensors that lie inside them, do not
// overlap, and are as long as their shapes say.
func FuzzHeader(f *testing.F) {
	seed := func(header string, data int) {
		file := append([]byte{byte(len(header)), byte(len(header) >> 8), 0, 0, 0, 0, 0, 0}, header...)
		f.Add(append(file, make([]byte, data)...))
	}
	seed(`{}`, 0)
	seed(`{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}}  `, 12)
	seed(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F4","shape":[2],"data_offsets":[4,5]}}`, 5)
	seed(`{"a":{"dtype":"U8","shape":[0,9],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1)
	seed(`{"a":{"dtype":"BF16","shape":[18446744073709551615,2],"data_offsets":[0,8]}}`, 8)
	f.Add([]byte("version https://git-lfs"))
	f.Fuzz(func(t *testing.T, file []byte) {
		entries, err := readHeader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if len(err.Error()) > 4000 {
				t.Errorf("the complaint is %d bytes long", len(err.Error()))
			}
			return
		}
		var end int64
		for _, e := range entries {
			bits := elementBits[string(e.dtype)]
			for _, d := range e.shape {
				bits *= int64(d)
			}
			if e.begin < end && end != 0 || e.end > int64(len(file)) || (e.end-e.begin)*8 != bits {
				t.Fatalf("tensor %q: %+v in %d bytes", e.name, e, len(file))
			}
			end = e.end
		}
	})
}
