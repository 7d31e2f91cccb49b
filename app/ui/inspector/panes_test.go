//go:build !headless && linux

package inspector

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"iter"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/model/chat"
)

// seer is an engine that says where it looked: mostly at the second patch.
type seer struct{}

func (seer) About() chat.About { return chat.About{Model: chat.ModelInfo{Name: "seer"}} }
func (seer) Close()            {}
func (seer) Generate(context.Context, *chat.Request) iter.Seq2[chat.Event, error] {
	return func(func(chat.Event, error) bool) {}
}
func (seer) Attention(context.Context, *chat.Request, []int32) (*chat.AttentionMap, error) {
	return &chat.AttentionMap{Pictures: [][]float32{{0.1, 0.4}}}, nil
}

// server is an engine that does not.
type server struct{ chat.Engine }

// letters spells ids as letters.
type letters struct{}

func (letters) Piece(id int32) string   { return string(rune('a' + id%26)) }
func (letters) IsSpecial(id int32) bool { return id < 5 }

// opened is the inspector on a turn with one picture of two patches, three prompt
// tokens besides and the answer "no".
func opened(t *testing.T, engine chat.Engine) (*Inspector, fyne.App, *laps) {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 56, 28))); err != nil {
		t.Fatal(err)
	}
	store, err := history.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	conversation, err := store.New(history.Preset{})
	if err != nil {
		t.Fatal(err)
	}
	question := chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "two", Data: file.Bytes()}}, {Text: "what?"}}}
	recording, err := store.Record(conversation, 0, &chat.Request{Messages: []chat.Message{question}})
	if err != nil {
		t.Fatal(err)
	}
	grid := chat.Grid{Width: 56, Height: 28, Rows: 1, Columns: 2, Tokens: 3}
	for _, e := range []chat.Event{
		{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: []int32{1, 10, 10, 13, 50, 51, 52}, Images: []chat.Grid{grid},
			Spans: []chat.Span{{Kind: "control", End: 1}, {Kind: "image", Start: 1, End: 4}, {Kind: "user", Start: 4, End: 7}}}},
		{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 65, Text: "n", Logprob: -0.1}, Top: []chat.Candidate{{ID: 65, Text: "n", Logprob: -0.1}, {ID: 76, Text: "y", Logprob: -3}}}},
		{Kind: chat.KindText, Text: "n"},
		{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 66, Text: "o", Logprob: -0.2}}},
		{Kind: chat.KindText, Text: "o"},
		{Kind: chat.KindDone, Done: &chat.Done{Text: "no", FinishReason: chat.FinishStop, About: chat.About{Model: chat.ModelInfo{Name: "seer"}}}},
	} {
		if err := recording.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := recording.Close(); err != nil {
		t.Fatal(err)
	}
	app, l := test.NewApp(), newLaps(t)
	d := &controller.Controller{Store: store, Engine: func() chat.Engine { return engine }, Words: func() inspect.Vocabulary { return letters{} }}
	i := New(Options{App: app, Controller: d, Lap: l.lap, Do: l.do}, conversation)
	t.Cleanup(func() { i.win.Close(); app.Quit(); store.Close() })
	await(t, l, "inspector prompt")
	await(t, l, "inspector prompt's picture")
	return i, app, l
}

func pointer(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}}
}

// The prompt pane: what each origin costs, hover on a token and on a patch, search,
// and what the three buttons copy.
func TestPromptPane(t *testing.T) {
	i, app, _ := opened(t, seer{})
	p := i.prompt
	if len(p.legend.Objects) != 3 || len(p.flow.boxes) != 5 {
		t.Fatalf("%d origins, %d boxes", len(p.legend.Objects), len(p.flow.boxes))
	}
	cell := p.flow.boxes[1].picture.cell
	if p.over(1, 1.5*cell, 5); !strings.Contains(p.about.Text, "row 1 of 1, column 2 of 2 · token 2") || !p.flow.frame.Visible() {
		t.Errorf("over the second patch it says %q", p.about.Text)
	}
	if p.over(2, 1, 1); !strings.Contains(p.about.Text, `token 4 · id 50 · "y" · user`) {
		t.Errorf("over the first word it says %q", p.about.Text)
	}
	if p.find("za"); p.flow.selected != 3 || !strings.Contains(p.about.Text, "found at token 5") {
		t.Errorf("the search chose %d and says %q", p.flow.selected, p.about.Text)
	}
	if p.find("nowhere"); !strings.Contains(p.about.Text, "not in the prompt") {
		t.Errorf("a search in vain says %q", p.about.Text)
	}
	for want, press := range map[string]func(){"bkknyza": i.copyText, "[1, 10, 10, 13, 50, 51, 52]": i.copyIDs, "/v1/chat/completions": i.copyCurl} {
		if press(); !strings.Contains(app.Clipboard().Content(), want) {
			t.Errorf("copied %q, want %q", app.Clipboard().Content(), want)
		}
	}
}

// The pictures pane: patches under the pointer, and after a click on a word where
// the model looked.
func TestPicturesPane(t *testing.T) {
	i, _, l := opened(t, seer{})
	i.tabs.SelectIndex(tabPictures)
	await(t, l, "inspector pictures")
	p := i.pictures
	if len(p.views) != 1 || p.views[0].grid.image == nil || p.why.Text != "Click a word of the answer." {
		t.Fatalf("%d pictures; it says %q", len(p.views), p.why.Text)
	}
	p.flow.tap(1)
	await(t, l, "inspector look")
	if !strings.Contains(p.answerText.Text, "“o”, 50.0 % of its attention") || !p.views[0].heat.Visible() {
		t.Errorf("after a click it says %q", p.answerText.Text)
	}
	cold, hot := p.views[0].heat.Image.At(0, 0), p.views[0].heat.Image.At(1, 0)
	if _, _, _, a := cold.RGBA(); a <= alpha(hot) {
		t.Errorf("the cold patch is %v, the hot one %v", cold, hot)
	}
	p.views[0].MouseMoved(pointer(1.5*p.views[0].grid.cell, 6))
	if !strings.Contains(p.about.Text, "row 1, column 2 · 40.0 % of the attention") {
		t.Errorf("over the hot patch it says %q", p.about.Text)
	}
	if p.views[0].MouseOut(); p.views[0].frame.Visible() || p.about.Text != " " {
		t.Error("the frame stays behind")
	}
	i.tabs.SelectIndex(tabTokens)
	if i.tokens.tap(0); i.view.Rounds[0].AttentionAt(1) == nil {
		t.Error("the look is not kept with the turn")
	}
}

func alpha(c interface{ RGBA() (r, g, b, a uint32) }) uint32 {
	_, _, _, a := c.RGBA()
	return a
}

// What a server does not tell is grey, and says why.
func TestGreyWithReason(t *testing.T) {
	i, _, l := opened(t, server{seer{}})
	i.tabs.SelectIndex(tabPictures)
	await(t, l, "inspector pictures")
	if !strings.Contains(i.pictures.why.Text, "no server tells") {
		t.Errorf("the pictures pane says %q", i.pictures.why.Text)
	}
	if i.pictures.selectToken(0); i.pictures.selected >= 0 {
		t.Error("a word can be chosen all the same")
	}
	i.view.Rounds[0].Tokens = nil
	if i.tabs.SelectIndex(tabTokens); !strings.Contains(i.tokens.why.Text, "does not tell its tokens") {
		t.Errorf("the token pane says %q", i.tokens.why.Text)
	}
	i.view.Rounds[0].Prompt = nil
	if i.prompt.show(); !i.prompt.why.Visible() || !strings.Contains(i.prompt.why.Text, "does not tell the tokens") {
		t.Errorf("the prompt pane says %q", i.prompt.why.Text)
	}
}

// A result in JSON can be seen as a tree, and is edited as text; other results offer no
// tree.
func TestResultAsATree(t *testing.T) {
	i, _, _ := opened(t, seer{})
	r := i.call.view
	if r.text.SetText("68.4 million"); r.as.Visible() || !r.text.Visible() {
		t.Error("a text offers a tree")
	}
	r.text.SetText(`{"people": {"millions": 68.4}}`)
	if r.as.SetChecked(true); !r.as.Visible() || r.text.Visible() || !r.lines.Visible() || !r.lines.IsBranchOpen("$") {
		t.Error("JSON is not shown as a tree")
	}
	if len(r.below("")) != 1 || len(r.below("$.people")) != 1 || !r.branches("$.people") || r.branches("$.people.millions") {
		t.Errorf("the tree hangs together as %v", r.tree.Below)
	}
	if r.text.SetText("no more"); !r.text.Visible() || r.lines.Visible() {
		t.Error("a text is shown as a tree")
	}
}
