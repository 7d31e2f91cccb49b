package schema

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// worked is how long a processor has worked for this thread.
func worked(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

// BenchmarkFirstMask is the mask of a place that nothing is known of yet, over the full vocabulary; min-µs is the processor's time for the quickest.
func BenchmarkFirstMask(b *testing.B) {
	v, err := fullVocabulary()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, schema, text string }{
		{"any JSON", `{}`, ``},
		{"free string", `{"type":"string"}`, `"a`},
		{"uri", `{"type":"string","format":"uri"}`, `"https://`},
		{"email", `{"type":"string","format":"email"}`, `"a`},
		{"broad pattern", `{"type":"string","pattern":"^[^<>]*$"}`, `"a`},
		{"counted pattern", `{"type":"string","pattern":"[0-9a-f]+","minLength":12,"maxLength":12}`, `"0`},
		{"names of a length", `{"type":"object","propertyNames":{"maxLength":40}}`, `{"a`},
		{"names of a tool", toolSchema, `{"`},
		{"five alternatives", fiveAlternatives, `{"ab":"x","`},
		{"number in five alternatives", fiveAlternatives, `{"ab":"x","cd":1`},
	} {
		s := compile(b, c.schema)
		b.Run(c.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			least, mask := time.Hour, make([]uint32, v.Words())
			for range b.N {
				s.pool = pool{}
				m := s.Start(v)
				if err := m.AcceptText([]byte(c.text)); err != nil {
					b.Fatal(err)
				}
				start := worked(b)
				m.Mask(mask)
				least = min(least, worked(b)-start)
			}
			b.ReportMetric(float64(least.Nanoseconds())/1e3, "min-µs")
		})
	}
}

const fiveAlternatives = `{"oneOf":[
	{"type":"object","properties":{"ab":{"type":"string","minLength":1},"cd":{"type":"integer"}},"required":["ab"]},
	{"type":"object","properties":{"cd":{"type":"integer","minimum":3},"ef":{"type":"string"}},"required":["cd"]},
	{"type":"object","properties":{"ef":{"type":"string","pattern":"^x"},"ab":{"type":"string","maxLength":9}},"required":["ef"]},
	{"type":"object","properties":{"gh":{"type":"array","items":{"type":"string"}},"ab":{}},"required":["gh"]},
	{"type":"object","properties":{"ij":{"type":"boolean"},"cd":{"type":"number","maximum":9}},"required":["ij"]}]}`
