package inspect

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// An engine is asked with the round's own request and the tokens before the one in
// question, prompt and answer.
func TestLookAt(t *testing.T) {
	turn := population()
	request, ids, err := turn.AttentionRequest(0, 2)
	want := append(slices.Clone(turn.Rounds[0].Prompt.IDs), turn.Rounds[0].Tokens[0].ID, turn.Rounds[0].Tokens[1].ID)
	if err != nil || !slices.Equal(ids, want) || !reflect.DeepEqual(request.Messages, turn.Request.Messages) {
		t.Errorf("asked with %v of %+v, %v; want %v", ids, request, err, want)
	}
	silent := population()
	silent.Rounds[1].Prompt = nil
	if _, _, err := silent.AttentionRequest(1, 0); err == nil {
		t.Error("a position can be replayed without a prompt")
	}
	for _, place := range [][2]int{{0, 99}, {9, 0}, {0, -1}} {
		if _, _, err := turn.AttentionRequest(place[0], place[1]); err == nil {
			t.Errorf("token %d of round %d can be looked back from", place[1], place[0])
		}
	}
}

// A look is kept once for each token and drawn on a page: the hottest patch is full,
// the faint ones are left out, and the page says what attention is not.
func TestLooksOnAPage(t *testing.T) {
	turn := population()
	r := turn.Rounds[0]
	for _, weights := range [][]float32{{0.5, 0}, {0.2, 0.001}} {
		r.AddAttention(&Attention{Token: 1, AttentionMap: &chat.AttentionMap{Pictures: [][]float32{weights}}})
	}
	if len(r.Attentions) != 1 || r.AttentionAt(1).Pictures[0][0] != 0.2 || r.AttentionAt(0) != nil {
		t.Fatalf("kept %+v", r.Attentions)
	}
	if heat := Heat(r.AttentionAt(1).AttentionMap); heat[0][0] != 1 || heat[0][1] < 0.07 || heat[0][1] > 0.08 {
		t.Errorf("the heat is %v", heat)
	}
	if heat := Heat(&chat.AttentionMap{Pictures: [][]float32{{0, 0}}}); heat[0][0] != 0 {
		t.Errorf("where nothing was looked at the heat is %v", heat)
	}
	var out bytes.Buffer
	if err := WriteHTML(&out, "t", time.Unix(0, 0), turn, letters{}); err != nil {
		t.Fatal(err)
	}
	html := out.String()
	for _, want := range []string{"Attention, not proof", "20.1 % of its attention", `<rect x="0" y="0" width="1.01" height="1.01" fill="#ff7a1a" fill-opacity="0.75"/>`, `viewBox="0 0 2 1"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(html, `x="1"`) || strings.Contains(html, "ZgotmplZ") {
		t.Error("the page draws a patch that nobody could see, or something odd")
	}
}

// What was looked at is saved with the turn and comes back from the file; a file without
// any, as older ones are, and one with looks at what is not there are read all the same.
func TestLooksInAFile(t *testing.T) {
	turn := population()
	turn.Rounds[0].AddAttention(&Attention{Token: 2, AttentionMap: &chat.AttentionMap{Pictures: [][]float32{{0.25, 0.5}}}})
	s, request := saved(t, nil)
	prompt, token := s.Events[0], s.Events[1]
	s.Events = []chat.Timed{prompt, token, token, token}
	s.Looks = turn.Looks()
	data, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile("../../docs/session.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := Validate(schema, string(data)); err != nil || len(found) > 0 {
		t.Errorf("the file does not fit its schema: %+v, %v", found, err)
	}
	if found, _ := Validate(schema, strings.Replace(string(data), `"round": 0`, `"round": -1`, 1)); len(found) == 0 {
		t.Error("the schema takes a look in round -1")
	}
	back, err := ReadSession(data)
	if err != nil {
		t.Fatal(err)
	}
	if g := back.Turn(request).Rounds[0].AttentionAt(2); g == nil || !reflect.DeepEqual(g.Pictures, [][]float32{{0.25, 0.5}}) {
		t.Errorf("the look came back as %+v", g)
	}
	back.Looks = append(back.Looks[:0], StoredAttention{Round: 9}, StoredAttention{Token: 99}, StoredAttention{Token: -1}, StoredAttention{AttentionMap: chat.AttentionMap{Pictures: [][]float32{{1}}}})
	if attentions := back.Turn(request).Rounds[0].Attentions; len(attentions) != 0 {
		t.Errorf("looks at nothing came back as %+v", attentions)
	}
	if back.Looks = nil; len(back.Turn(request).Rounds[0].Attentions) != 0 {
		t.Error("a file without looks has some")
	}
	s.Title = "sk-proj-abcdefgh12345678ABCDEFGH"
	if err := s.Redact(Rules); err != nil || s.Looks != nil {
		t.Errorf("looks at tokens that were taken out are left: %+v, %v", s.Looks, err)
	}
}
