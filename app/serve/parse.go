package serve

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/patch"
	"sirocco/model/prompt"
)

// Limits on the pictures of one request.
const (
	maxPictures = 100
	maxPixels   = 400_000_000 // all of them together; package patch limits each
)

// question is a request that was read and found answerable.
type question struct {
	*openai.Request
	// foreign gives tool-call ids back as the client wrote them.
	foreign map[string]string
}

// parse reads a chat request and refuses what cannot be answered, before it waits
// for its turn.
func (s *Server) parse(ctx context.Context, data []byte) (*question, error) {
	v, err := openai.ParseJSON(data)
	if err != nil {
		return nil, err
	}
	if err := countPictures(v); err != nil {
		return nil, err
	}
	request, err := openai.FromValue(v, openai.Options{Fetch: s.fetchFor(ctx)})
	if err != nil {
		return nil, err
	}
	q := &question{Request: request, foreign: mapCallIDs(&request.Chat)}
	if err := s.check(&request.Chat); err != nil {
		return nil, q.inTheirWords(err)
	}
	if !request.Given["seed"] {
		request.Chat.Sampling.Seed = randomSeed()
	}
	return q, nil
}

// check builds the prompt to see whether the template takes the conversation and
// whether it fits.
func (s *Server) check(request *chat.Request) error {
	pictures, err := countPixels(request)
	if err != nil {
		return err
	}
	about := s.o.Engine.About().Model
	if pictures > 0 && !about.Vision {
		p := invalid("messages", "messages hold a picture, but this model cannot see")
		p.Code = chat.CodeBlind
		return p
	}
	if s.o.Tokenizer == nil {
		return nil
	}
	built, err := prompt.Build(*request, s.o.Tokenizer, s.rule())
	if err != nil {
		return err
	}
	if n := len(built.IDs); n >= about.Context {
		return tooLong(n, about.Context)
	}
	return nil
}

// rule is how the engine turns pictures into tokens.
func (s *Server) rule() patch.Rule {
	if p := s.o.Engine.About().Model.Pictures; p != nil {
		return patch.Rule{PatchSize: p.PatchSize, MaxSize: p.MaxSize, Merge: p.Merge}
	}
	return patch.Rule{}
}

// tooLong is the error by which clients recognise that they must shorten the
// conversation, in OpenAI's own words.
func tooLong(tokens, context int) error {
	p := invalid("messages", fmt.Sprintf("This model's maximum context length is %d tokens. However, your messages resulted in %d tokens, "+
		"and an answer needs at least one more. Please reduce the length of the messages.", context, tokens))
	p.Code = chat.CodeTooLong
	return p
}

// countPixels looks at the sizes of all pictures, without decoding them. A
// picture that cannot be read is left to the prompt, which says where it is.
func countPixels(request *chat.Request) (pictures int, err error) {
	pixels := 0
	for _, m := range request.Messages {
		for _, part := range m.Parts {
			if part.Image == nil {
				continue
			}
			pictures++
			if info, err := patch.Probe(part.Image.Data); err == nil {
				pixels += info.Width * info.Height
			}
		}
	}
	if pixels > maxPixels {
		return pictures, invalid("messages", fmt.Sprintf("the pictures have %d megapixels together; the limit is %d", pixels/1_000_000, maxPixels/1_000_000))
	}
	return pictures, nil
}

// mapCallIDs brings tool-call ids into the form of the template and returns the
// way back.
func mapCallIDs(request *chat.Request) map[string]string {
	theirs := request.Messages
	prompt.MapCallIDs(request)
	back := map[string]string{}
	note := func(ours, theirs string) {
		if ours != theirs {
			back[ours] = theirs
		}
	}
	for i, m := range request.Messages {
		note(m.ToolCallID, theirs[i].ToolCallID)
		for k, call := range m.ToolCalls {
			note(call.ID, theirs[i].ToolCalls[k].ID)
		}
	}
	return back
}

// callID is a tool-call id as the client knows it.
func (q *question) callID(id string) string {
	if theirs, ok := q.foreign[id]; ok {
		return theirs
	}
	return id
}

// inTheirWords lets an error name tool-call ids as the client wrote them.
func (q *question) inTheirWords(err error) error {
	fault, ok := err.(*chat.RequestError)
	if !ok {
		return err
	}
	message := fault.Message
	for ours, theirs := range q.foreign {
		message = strings.ReplaceAll(message, ours, theirs)
	}
	return &chat.RequestError{Param: fault.Param, Code: fault.Code, Message: message}
}

// randomSeed is for requests that name none: they are not to get the same answer
// every time.
func randomSeed() uint64 {
	var bytes [8]byte
	rand.Read(bytes[:]) // never fails
	return binary.LittleEndian.Uint64(bytes[:])
}
