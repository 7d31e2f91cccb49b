package controller

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/klauspost/compress/zstd"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// The chats whose tokens mistral-common has told (tools/goldens/chats.py), each
// stored as a turn: the prompt pane shows those very tokens, each with an origin
// and those of a picture on its grid.
func TestTokenViewEqualsTheReference(t *testing.T) {
	tok := vocabulary(t)
	store, err := history.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	conversation, err := store.New(history.Preset{})
	if err != nil {
		t.Fatal(err)
	}
	d, shown := &Controller{Store: store}, 0
	for line := json.NewDecoder(corpus(t)); ; {
		var golden struct {
			Version, Line, Error string
			IDs                  []int32
		}
		if err := line.Decode(&golden); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		parsed, err := openai.ParseChat([]byte(golden.Line))
		if golden.Version != "v11" || golden.Error != "" || err != nil {
			continue
		}
		turn := stored(t, store, conversation, &parsed.Chat, tok)
		v, err := d.Open(turn)
		if err != nil {
			t.Fatal(err)
		}
		sameTokens(t, v, golden.IDs)
		shown++
	}
	if shown < 200 {
		t.Errorf("only %d chats were looked at", shown)
	}
}

// stored is a turn that holds nothing but its prompt.
func stored(t *testing.T, store *history.Store, conversation int64, request *chat.Request, tok *tokenizer.Tokenizer) int64 {
	t.Helper()
	built, err := chattemplate.Build(*request, tok, imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2})
	if err != nil {
		t.Fatal(err)
	}
	turn, err := store.Record(conversation, 0, request)
	if err != nil {
		t.Fatal(err)
	}
	event := chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: built.IDs, Spans: built.Spans, Images: built.Grids()}}
	if err := errors.Join(turn.Add(event), turn.Close()); err != nil {
		t.Fatal(err)
	}
	return turn.ID()
}

func sameTokens(t *testing.T, v *TurnView, want []int32) {
	t.Helper()
	p := v.Rounds[0].Prompt
	tokens := inspect.PromptTokens(p, 0, nil)
	if len(tokens) != len(want) {
		t.Fatalf("turn %d shows %d tokens, the reference has %d", v.ID, len(tokens), len(want))
	}
	seats := make([]int, len(p.Images))
	for i, token := range tokens {
		if token.ID != want[i] || token.Kind == "" || token.Message < 0 {
			t.Fatalf("turn %d, token %d is %+v, want id %d", v.ID, i, token, want[i])
		}
		if k := token.Picture; k >= 0 {
			grid := p.Images[k]
			if token.Row != seats[k]/(grid.Columns+1) || token.Column != seats[k]%(grid.Columns+1) {
				t.Fatalf("turn %d, token %d of picture %d sits at %d, %d", v.ID, seats[k], k, token.Row, token.Column)
			}
			seats[k]++
		}
	}
	for k, grid := range p.Images {
		if seats[k] != grid.Tokens {
			t.Errorf("turn %d shows %d tokens of picture %d, which has %d", v.ID, seats[k], k, grid.Tokens)
		}
	}
}

// vocabulary is the model's own, as the repository ships it.
func vocabulary(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	packed, err := os.ReadFile("../../../assets/tekken/tekken-v11.json.zst")
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func corpus(t *testing.T) io.Reader {
	t.Helper()
	file, err := os.Open("../../cli/testdata/chats.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	lines, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
