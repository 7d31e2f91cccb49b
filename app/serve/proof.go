package serve

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// maxProven bounds the pictures that are remembered as sound. A conversation sends its
// pictures again with every question.
const maxProven = 1024

// proofs decodes pictures before an answer is begun, so that a damaged one is the
// client's error and never the server's. One is decoded at a time, which bounds the
// memory. The zero value is ready.
type proofs struct {
	mu    sync.Mutex
	sound map[[sha256.Size]byte]bool
	turn  sync.Mutex
}

// check decodes those pictures of a request that are not known to be sound.
func (p *proofs) check(ctx context.Context, request *chat.Request) error {
	for i, m := range request.Messages {
		for _, part := range m.Parts {
			if part.Image == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := p.prove(part.Image.Data); err != nil {
				at := fmt.Sprintf("messages[%d].content", i)
				return &chat.RequestError{Param: at, Message: fmt.Sprintf("%s holds a picture (%s) that cannot be used: %v", at, part.Image.Name, err)}
			}
		}
	}
	return nil
}

func (p *proofs) prove(data []byte) error {
	sum := sha256.Sum256(data)
	p.mu.Lock()
	known := p.sound[sum]
	p.mu.Unlock()
	if known {
		return nil
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	if _, err := imageproc.Decode(data); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sound == nil || len(p.sound) >= maxProven {
		p.sound = map[[sha256.Size]byte]bool{}
	}
	p.sound[sum] = true
	return nil
}
