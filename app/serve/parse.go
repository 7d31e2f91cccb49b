package serve

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/chattemplate/pyjson"
	"sirocco/model/imageproc"
)

// Limits on the pictures of one request.
const (
	maxPictures = 100
	maxPixels   = 400_000_000 // all of them together; package patch limits each
)

// request is a request that was read and found answerable.
type request struct {
	*openai.Request
	// client is who asks, for the queue.
	client string
	// body is the request as it came, for replies that repeat parts of it.
	body pyjson.Value
	// clientIDs gives tool-call ids back as the client wrote them.
	clientIDs chattemplate.CallIDs
	// tokens is how many the prompt has; 0 without a tokenizer.
	tokens int
}

// noticeHeader says in a reply what was left out of its request, or moved in it. The
// APIs' own shapes have no place for that.
const noticeHeader = "Sirocco-Notice"

func addNotices(w http.ResponseWriter, notices []string) {
	for _, notice := range notices {
		w.Header().Add(noticeHeader, headerText(notice))
	}
}

// headerText is a sentence in the characters that a header may hold.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// shape reads a request of one API.
type shape func(pyjson.Value, openai.Options) (*openai.Request, error)

// requestOf reads a request and refuses what cannot be answered, before it waits for
// its turn. The body's memory is held until free.
func (s *Server) requestOf(w http.ResponseWriter, r *http.Request, read shape) (q *request, free func(), err error) {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return nil, nil, err
	}
	if q, err = s.parse(r.Context(), v, read); err == nil {
		addNotices(w, q.Notices)
		q.client = s.guard.client(r)
		err = s.check(r.Context(), q)
	}
	if err != nil {
		free()
		return nil, nil, err
	}
	return q, free, nil
}

// parse makes a question of a request, without looking at its conversation.
func (s *Server) parse(ctx context.Context, v pyjson.Value, read shape) (*request, error) {
	if err := countPictures(v); err != nil {
		return nil, err
	}
	parsed, err := read(v, openai.Options{Fetch: s.fetchFor(ctx), Lenient: true, Silent: true})
	if err != nil {
		return nil, err
	}
	if !parsed.Given["seed"] {
		parsed.Chat.Sampling.Seed = randomSeed()
	}
	return &request{Request: parsed, body: v, clientIDs: chattemplate.MapCallIDs(&parsed.Chat)}, nil
}

// check builds the prompt to see whether the template takes the conversation and
// whether it fits.
func (s *Server) check(ctx context.Context, q *request) error {
	if err := s.measure(ctx, q, s.o.Engine.About().Model.Context); err != nil {
		return err
	}
	if most := s.o.Engine.About().Model.Context; q.tokens >= most {
		return q.mapError(tooLong(strconv.Itoa(q.tokens), most))
	}
	return s.prove(ctx, q)
}

// prove refuses pictures that cannot be decoded.
func (s *Server) prove(ctx context.Context, q *request) error {
	return q.mapError(s.proofs.check(ctx, &q.Chat))
}

// measure counts the tokens of a question's prompt, up to most.
func (s *Server) measure(ctx context.Context, q *request, most int) error {
	pictures, err := countPixels(&q.Chat)
	if err != nil {
		return err
	}
	if pictures > 0 && !s.o.Engine.About().Model.Vision {
		return q.mapError(&chat.RequestError{Param: "messages", Code: chat.CodeNoVision,
			Message: "the request holds a picture, but this model cannot see"})
	}
	if s.o.Tokenizer == nil {
		return nil
	}
	ids, err := s.build(ctx, q, most)
	q.tokens = len(ids)
	return err
}

// build makes a question's prompt, unless it has more than most tokens.
func (s *Server) build(ctx context.Context, q *request, most int) ([]int32, error) {
	built, err := chattemplate.BuildWithin(ctx, q.Chat, s.o.Tokenizer, s.rule(), most)
	var long *chattemplate.TooLongError
	switch {
	case errors.As(err, &long):
		return nil, q.mapError(tooLong(fmt.Sprintf("more than %d", long.Max), s.o.Engine.About().Model.Context))
	case err != nil:
		return nil, q.mapError(err)
	}
	return built.IDs, nil
}

// rule is how the engine turns pictures into tokens.
func (s *Server) rule() imageproc.Rule {
	if p := s.o.Engine.About().Model.Pictures; p != nil {
		return imageproc.Rule{PatchSize: p.PatchSize, MaxSize: p.MaxSize, Merge: p.Merge}
	}
	return imageproc.Rule{}
}

// tooLong is the error by which clients recognise that they must shorten the
// conversation, in OpenAI's own words.
func tooLong(tokens string, context int) error {
	return &chat.RequestError{Param: "messages", Code: chat.CodeTooLong,
		Message: fmt.Sprintf("This model's maximum context length is %d tokens. However, your messages resulted in %s tokens, "+
			"and an answer needs at least one more. Please reduce the length of the messages.", context, tokens)}
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
			if info, err := imageproc.Probe(part.Image.Data); err == nil {
				pixels += info.Width * info.Height
			}
		}
	}
	if pixels > maxPixels {
		return pictures, invalid("messages", fmt.Sprintf("the pictures have %d megapixels together; the limit is %d", pixels/1_000_000, maxPixels/1_000_000))
	}
	return pictures, nil
}

// mapError lets an error name tool-call ids and messages as the client wrote
// them.
func (q *request) mapError(err error) error {
	var fault *chat.RequestError
	if !errors.As(q.clientIDs.Restore(err), &fault) {
		return err
	}
	param, message := fault.Param, fault.Message
	if param == "messages" {
		param = q.Field
	}
	for i := len(q.Places) - 1; i >= 0; i-- {
		ours := fmt.Sprintf("messages[%d]", i)
		if field, found := strings.CutPrefix(param, ours); found {
			param = q.Places[i] + field
			message = strings.ReplaceAll(message, ours, q.Places[i])
			break
		}
	}
	return &chat.RequestError{Param: param, Code: fault.Code, Message: message}
}

// randomSeed is for requests that name none: they are not to get the same answer
// every time.
func randomSeed() uint64 {
	var bytes [8]byte
	rand.Read(bytes[:]) // never fails
	return binary.LittleEndian.Uint64(bytes[:])
}
