package pull

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// record says which parts of a file are in, and what each hashed to as it came
// from the network. It is a text file, .pull/NAME.jsonl: a line for the file,
// then one for each part, appended as parts come in. A line that a crash cut
// off is dropped, and its part is fetched again.
type record struct {
	mu    sync.Mutex
	path  string
	head  recordHead
	parts map[int]string // number of the part -> SHA-256
}

type recordHead struct {
	Size   int64  `json:"size"`
	Digest string `json:"digest"`
	Part   int64  `json:"part"` // bytes of each part but the last
}

type recordPart struct {
	Part   int    `json:"n"`
	SHA256 string `json:"sha256"` // "": no longer believed
}

// openRecord reads the record of a file, or begins one. A record of another
// version of the file is of no use and begins anew.
func openRecord(t *target) (*record, error) {
	r := &record{
		path: filepath.Join(t.Folder, ".pull", strings.ReplaceAll(t.file.Name, "/", "__")+".jsonl"),
		head: recordHead{t.size, t.want.String(), t.Part}, parts: map[int]string{},
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o755); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(r.path)
	if err == nil && r.read(data) && r.usable(t) {
		return r, nil
	}
	r.parts, r.head.Part = map[int]string{}, t.Part
	return r, r.begin()
}

// usable says whether the bytes that the record speaks of are there.
func (r *record) usable(t *target) bool {
	for _, path := range []string{t.path, t.partial()} {
		if info, err := os.Stat(path); err == nil && info.Size() == t.size {
			return true
		}
	}
	return false
}

func (r *record) read(data []byte) bool {
	lines := bufio.NewScanner(bytes.NewReader(data))
	var head recordHead
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil || head.Part <= 0 || head.Part > 1<<40 {
		return false
	}
	if head.Size != r.head.Size || head.Digest != r.head.Digest {
		return false
	}
	r.head = head
	for lines.Scan() {
		var part recordPart
		if json.Unmarshal(lines.Bytes(), &part) != nil || part.Part < 0 || part.Part >= r.count() {
			continue
		}
		if delete(r.parts, part.Part); isSHA256.MatchString(part.SHA256) {
			r.parts[part.Part] = part.SHA256
		}
	}
	return true
}

func (r *record) begin() error {
	line, err := json.Marshal(r.head)
	if err != nil {
		return err
	}
	return os.WriteFile(r.path, append(line, '\n'), 0o644)
}

// count is the number of parts; a file of no bytes has none.
func (r *record) count() int { return int((r.head.Size + r.head.Part - 1) / r.head.Part) }

// span is where a part begins and ends.
func (r *record) span(n int) (begin, end int64) {
	begin = int64(n) * r.head.Part
	return begin, min(begin+r.head.Part, r.head.Size)
}

// note writes down a part that is in; with "" it is out again.
func (r *record) note(n int, sum string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sum == "" {
		delete(r.parts, n)
	} else {
		r.parts[n] = sum
	}
	line, err := json.Marshal(recordPart{n, sum})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(r.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(file, "\n%s\n", line); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// sum is what a part hashed to, "" when it is not in.
func (r *record) sum(n int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[n]
}

// missing are the parts that are not in, in order.
func (r *record) missing() (list []int) {
	for n := range r.count() {
		if r.sum(n) == "" {
			list = append(list, n)
		}
	}
	return list
}
