package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is complained of, and what is not.
func TestVerdict(t *testing.T) {
	served := func(counts ...int) (out []*counters) {
		for _, n := range counts {
			out = append(out, &counters{served: n, refused: map[int]int{503: 1}})
		}
		return out
	}
	broken := served(5, 5)
	broken[1].errs = []error{errors.New("status 500")}
	for _, c := range []struct {
		name    string
		tallies []*counters
		fine    bool
	}{
		{"alike", served(10, 12, 15), true},
		{"unfair", served(10, 16), false},
		{"one was never served", served(0, 0), false},
		{"an error", broken, false},
	} {
		if err := verdict(c.tallies); (err == nil) != c.fine {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := (memory{100 << 20, 200 << 20, 200 << 20, 210 << 20}).verdict(); err != nil {
		t.Errorf("memory that came to rest: %v", err)
	}
	if err := (memory{100 << 20, 200 << 20, 300 << 20, 400 << 20}).verdict(); err == nil {
		t.Error("memory that grows is no complaint")
	}
	r := &result{during: time.Minute, clients: 2, tallies: served(10, 12), memory: memory{1 << 20}}
	out := filepath.Join(t.TempDir(), "load.md")
	if err := r.tell(out, nil); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(page), "| answers per client | 10 to 12 (1.20 times; 1.5 is fair) |") || !strings.Contains(string(page), "stood it") {
		t.Errorf("%v: %s", err, page)
	}
	if leftOver(10, 26) != nil || leftOver(10, 27) == nil {
		t.Error("goroutines are not counted as they are said to be")
	}
}
