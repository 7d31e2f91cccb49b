package serve

import (
	"encoding/json"

	"sirocco/app/openai"
)

// usageWriter is what the streams of OpenAI's older APIs have in common: where the counts
// stand, and the end.
type usageWriter struct {
	out       *sseBuffer
	requested *openai.Request
}

// streamEnd is what they say last.
var streamEnd = []byte("data: [DONE]\n\n")

// usage is the counts as a piece has them: only the last one has any, and the others
// say so where they are wanted.
func (t usageWriter) usage(spent *usage) json.RawMessage {
	if !t.requested.IncludeUsage {
		return nil
	}
	counts, _ := marshal(spent) // numbers alone, or null
	return counts
}

// finish sends the counts, when they are wanted, and the end.
func (t usageWriter) finish(counts any) {
	if t.requested.IncludeUsage {
		t.out.event(counts)
	}
	t.out.put(streamEnd)
}

func (t usageWriter) fail(told *problem) {
	t.out.event(told)
	t.out.put(streamEnd)
}

func (t usageWriter) signOfLife() []byte { return keepAliveComment }
