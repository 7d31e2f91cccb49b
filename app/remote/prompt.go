package remote

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"slices"
	"time"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
)

// checkTime is how long an answer may wait for its prompt to be checked.
const checkTime = 5 * time.Second

// plan is what is known of a question before it is sent: its exact tokens, as
// the local engine would make them, and its pictures.
type plan struct {
	request chat.Request // with tool-call ids the template takes
	prompt  *chat.Prompt // nil when the template does not take the conversation
	images  int          // tokens of all pictures
	notices []string
}

// plan builds the prompt. A conversation the template refuses is an error when
// the server is known to have that template; other servers may know better.
func (e *Engine) plan(ctx context.Context, request *chat.Request) (*plan, error) {
	p := &plan{request: *request}
	chattemplate.MapCallIDs(&p.request)
	built, err := chattemplate.Build(p.request, e.tok, e.rule)
	if err != nil {
		if e.confirmed {
			return nil, err
		}
		p.notices = append(p.notices, fmt.Sprintf("the prompt's tokens cannot be shown: %v", err))
		return p, nil
	}
	if request.NoGuard && e.family == siroccoFamily {
		p.notices = append(p.notices, "a Sirocco server ends answers that repeat themselves; --no-guard does not reach it")
	}
	p.prompt = &chat.Prompt{IDs: built.IDs, Spans: built.Spans, Images: built.Grids(), Check: chat.PromptUnchecked}
	for i, grid := range p.prompt.Images {
		p.images += grid.Tokens
		p.note(i, built.Images[i].Image, grid, e.rule)
	}
	if length := e.about.Model.Context; e.confirmed && length > 0 && len(built.IDs) >= length {
		return nil, &chat.RequestError{Param: "messages", Code: chat.CodeTooLong,
			Message: fmt.Sprintf("the prompt has %d tokens but the server's context holds %d; shorten it, use smaller pictures, or have the server started with a larger --max-model-len", len(built.IDs), length)}
	}
	e.check(ctx, p)
	return p, nil
}

// note says what a person would want to know of a picture.
func (p *plan) note(i int, picture *chat.Image, grid chat.Grid, rule imageproc.Rule) {
	info, err := imageproc.Probe(picture.Data)
	if err != nil {
		return
	}
	if info.Note != "" {
		p.notices = append(p.notices, info.Note)
	}
	if max(info.Width, info.Height) > rule.MaxSize {
		p.notices = append(p.notices, fmt.Sprintf("picture %d has %d × %d pixels; it is sent at the %d × %d the model sees", i+1, info.Width, info.Height, grid.Width, grid.Height))
	}
}

// check compares the prompt with what the server's /tokenize makes of it. For
// that the pictures are replaced by the smallest there is, so that each is sent
// only once; their count is checked by the usage at the answer's end.
func (e *Engine) check(ctx context.Context, p *plan) {
	if !e.confirmed || p.request.Prompt != nil {
		return
	}
	small := p.request
	ours := p.prompt.IDs
	if len(p.prompt.Images) > 0 {
		small = withSmallPictures(small, e.smallest())
		built, err := chattemplate.Build(small, e.tok, e.rule)
		if err != nil {
			return
		}
		ours = built.IDs
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	theirs, answered := e.tokenizeChat(ctx, &small)
	switch {
	case !answered:
	case slices.Equal(ours, theirs):
		p.prompt.Check = chat.PromptChecked
	default:
		p.prompt.Check = chat.PromptDiffers
		p.notices = append(p.notices, fmt.Sprintf("the server makes %d tokens of this conversation where Mistral's template makes %d; its admin should start it with --tokenizer-mode mistral", len(theirs), len(ours)))
		if len(p.prompt.Images) == 0 { // the truth, though without its origins
			p.prompt.IDs, p.prompt.Spans = theirs, []chat.Span{{Kind: chattemplate.KindControl, End: len(theirs)}}
		}
	}
}

// smallest is a white picture of one token.
func (e *Engine) smallest() *chat.Image {
	side := e.rule.PatchSize * e.rule.Merge
	white := image.NewGray(image.Rect(0, 0, side, side))
	draw.Draw(white, white.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	var data bytes.Buffer
	if err := png.Encode(&data, white); err != nil {
		panic(err) // a buffer takes everything
	}
	return &chat.Image{Name: "a small picture", Data: data.Bytes()}
}

// withSmallPictures is the request with every picture replaced.
func withSmallPictures(request chat.Request, picture *chat.Image) chat.Request {
	request.Messages = slices.Clone(request.Messages)
	for i := range request.Messages {
		m := &request.Messages[i]
		m.Parts = slices.Clone(m.Parts)
		for k := range m.Parts {
			if m.Parts[k].Image != nil {
				m.Parts[k].Image = picture
			}
		}
	}
	return request
}

// tokenized is vLLM's answer to /tokenize.
type tokenized struct {
	Tokens []int32 `json:"tokens"`
}

// tokenizeText asks for the ids of a text; false when the server cannot tell.
func (e *Engine) tokenizeText(ctx context.Context, text string) ([]int32, bool) {
	if !e.family.rich() {
		return nil, false
	}
	var answer tokenized
	err := e.post(ctx, http.MethodPost, "tokenize", map[string]any{"model": e.about.Model.Name, "prompt": text, "add_special_tokens": false}, &answer)
	return answer.Tokens, err == nil && len(answer.Tokens) > 0
}

// tokenizeChat asks for the ids of a conversation.
func (e *Engine) tokenizeChat(ctx context.Context, request *chat.Request) ([]int32, bool) {
	body, err := e.body(request, 0, false)
	if err != nil {
		return nil, false
	}
	ask := map[string]any{"model": body.Model, "messages": body.Messages}
	if len(body.Tools) > 0 {
		ask["tools"] = body.Tools
	}
	if body.ContinueFinal != nil {
		ask["continue_final_message"], ask["add_generation_prompt"] = true, false
	}
	var answer tokenized
	err = e.post(ctx, http.MethodPost, "tokenize", ask, &answer)
	return answer.Tokens, err == nil && len(answer.Tokens) > 0
}
