package serve

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"sirocco/app/openai"
	"sirocco/model/chattemplate/pyjson"
)

// tokens is vLLM's answer to /tokenize.
type tokens struct {
	Count       int      `json:"count"`
	MaxModelLen int      `json:"max_model_len"`
	Tokens      []int32  `json:"tokens"`
	Strings     []string `json:"token_strs"`
}

// tokenize gives the ids of a text ("prompt") or of a conversation ("messages"),
// the way the engine would be given them.
func (s *Server) tokenize(w http.ResponseWriter, r *http.Request) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	var ids []int32
	if _, chat := v.Get("messages"); chat {
		ids, err = s.chatTokens(r, v)
	} else {
		ids, err = s.textTokens(r.Context(), v)
	}
	if err != nil {
		return err
	}
	answer := tokens{Count: len(ids), MaxModelLen: s.o.Engine.About().Model.Context, Tokens: ids}
	strings, err := flag(v, "return_token_strs", false)
	if err != nil {
		return err
	}
	if strings {
		answer.Strings = make([]string, len(ids))
		for i, id := range ids {
			answer.Strings[i] = s.o.Tokenizer.Piece(id)
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// textTokens tokenizes plain text, after a beginning-of-sequence token unless
// add_special_tokens is false.
func (s *Server) textTokens(ctx context.Context, v pyjson.Value) ([]int32, error) {
	text, _ := v.Get("prompt")
	if text.Kind != pyjson.String {
		return nil, invalid("prompt", "prompt is missing or no string; a text, or else \"messages\", was expected")
	}
	special, err := flag(v, "add_special_tokens", true)
	if err != nil {
		return nil, err
	}
	return s.encode(ctx, pyjson.Clean(text.Text), special, maxCounted)
}

// What is counted and taken apart without being answered may be longer than the
// context, to these limits: a list of ids takes forty times the room of its text.
const (
	maxCounted = 1 << 20 // tokens
	maxText    = 8 << 20 // bytes of one text
)

// encode makes tokens of plain text, after a beginning-of-sequence token when
// special is true. It gives up where there are more than most, or nobody waits.
func (s *Server) encode(ctx context.Context, text string, special bool, most int) ([]int32, error) {
	ids := []int32{}
	if begin, ok := s.o.Tokenizer.Special("<s>"); ok && special {
		ids = append(ids, begin)
	}
	tooLong := invalid("prompt", fmt.Sprintf("prompt has more than %d tokens, or %d bytes; that is the most that is read", most, maxText))
	if len(text) > maxText || s.o.Tokenizer.MinTokens(len(text)) > most {
		return nil, tooLong
	}
	ids, _ = s.o.Tokenizer.AppendEncodeWhile(ids, text, func(n int) bool { return n <= most && ctx.Err() == nil })
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(ids) > most:
		return nil, tooLong
	}
	return ids, nil
}

// chatTokens tokenizes a conversation by the chat template.
func (s *Server) chatTokens(r *http.Request, v pyjson.Value) ([]int32, error) {
	q, err := s.parse(r.Context(), v, openai.FromValue)
	if err != nil {
		return nil, err
	}
	ids, err := s.build(r.Context(), q, maxCounted)
	if err == nil {
		err = s.prove(r.Context(), q)
	}
	return ids, err
}

// detokenize gives the text of ids; special tokens have none.
func (s *Server) detokenize(w http.ResponseWriter, r *http.Request) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	list, _ := v.Get("tokens")
	if list.Kind != pyjson.Array {
		return invalid("tokens", "tokens is missing or no list; a list of token ids was expected")
	}
	ids := make([]int32, len(list.Items))
	for i, item := range list.Items {
		id, err := strconv.ParseInt(item.Text, 10, 32)
		if err != nil || item.Kind != pyjson.Int || id < 0 || int(id) >= s.o.Tokenizer.VocabSize() {
			at := fmt.Sprintf("tokens[%d]", i)
			return invalid(at, fmt.Sprintf("%s is no token id; a whole number from 0 to %d was expected", at, s.o.Tokenizer.VocabSize()-1))
		}
		ids[i] = int32(id)
	}
	return writeJSON(w, http.StatusOK, map[string]string{"prompt": s.o.Tokenizer.Decode(ids)})
}

// readObject reads a body that is a JSON object.
func (s *Server) readObject(w http.ResponseWriter, r *http.Request) (v pyjson.Value, free func(), err error) {
	data, free, err := s.read(w, r)
	if err != nil {
		return v, nil, err
	}
	if v, err = openai.ParseJSON(data); err == nil && v.Kind != pyjson.Object {
		err = invalid("", "the request is no JSON object")
	}
	if err != nil {
		free()
		return v, nil, err
	}
	return v, free, nil
}

// flag reads an optional true or false.
func flag(v pyjson.Value, name string, otherwise bool) (bool, error) {
	field, given := v.Get(name)
	if !given || field.Kind == pyjson.Null {
		return otherwise, nil
	}
	if field.Kind != pyjson.Bool {
		return false, invalid(name, name+" must be true or false")
	}
	return field.True(), nil
}
