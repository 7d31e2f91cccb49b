package cli

import "testing"

// Amounts of memory are read as people write them, and nothing else is taken for one.
func TestSize(t *testing.T) {
	for text, want := range map[string]size{"6GB": 6e9, "6 GiB": 6 << 30, "1.5gb": 1.5e9, "900MiB": 900 << 20, "12000": 12000, "8kb": 8000} {
		var s size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q is %d (%v), want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"GB", "-1GB", "0", "6TB", "six", "NaN", "1e30", "6 6GB", "5BB"} {
		var s size
		if s.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is taken for %d bytes", text, s)
		}
	}
}

// Whatever is written, it is an amount or a sentence.
func FuzzSize(f *testing.F) {
	for _, text := range []string{"6GB", "1.5 GiB", "-1", "1e400", "0x10MB", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s size
		if err := s.UnmarshalText([]byte(text)); err == nil && (s < 0 || s > 1<<50) {
			t.Errorf("%q is %d bytes", text, s)
		}
	})
}
