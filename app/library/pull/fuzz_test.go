package pull

import "testing"

// Whatever a server writes into Content-Range, what is taken from it makes
// sense.
func FuzzContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 0-99/1000", "bytes 5-5/*", "bytes */1000", "bytes 9-3/10", "items 0-1/2", "bytes 0-9223372036854775807/-1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if first, last, _, ok := parseRange(text); ok && (first < 0 || last < first) {
			t.Errorf("%q is read as %d to %d", text, first, last)
		}
	})
}

// Whatever a crash has left of a record, only parts that the file has and whole
// hashes are believed.
func FuzzRecord(f *testing.F) {
	const head = `{"size":100,"digest":"d","part":30}` + "\n"
	for _, seed := range []string{head, head + `{"n":3,"sha256":"` + "0123456789012345678901234567890123456789012345678901234567890123" + `"}`, head + `{"n":4}`, head + `{"n":-1}`, head + `{"n":`, "{}", `{"size":100,"digest":"d","part":-1}`, ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &record{head: recordHead{Size: 100, Digest: "d", Part: 10}, parts: map[int]string{}}
		if !r.read(data) {
			return
		}
		for n, sum := range r.parts {
			begin, end := r.span(n)
			if n < 0 || begin >= end || end > 100 || !isSHA256.MatchString(sum) {
				t.Errorf("part %d, %d to %d, hash %q", n, begin, end, sum)
			}
		}
	})
}
