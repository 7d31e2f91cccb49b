package inspect

import (
	"bytes"
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
	request, ids, err := turn.LookAt(0, 2)
	want := append(slices.Clone(turn.Rounds[0].Prompt.IDs), turn.Rounds[0].Tokens[0].ID, turn.Rounds[0].Tokens[1].ID)
	if err != nil || !slices.Equal(ids, want) || !reflect.DeepEqual(request.Messages, turn.Request.Messages) {
		t.Errorf("asked with %v of %+v, %v; want %v", ids, request, err, want)
	}
	silent := population()
	silent.Rounds[1].Prompt = nil
	if _, _, err := silent.LookAt(1, 0); err == nil {
		t.Error("a position can be replayed without a prompt")
	}
	for _, place := range [][2]int{{0, 99}, {9, 0}, {0, -1}} {
		if _, _, err := turn.LookAt(place[0], place[1]); err == nil {
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
		r.Keep(&Gaze{Token: 1, Look: &chat.Look{Pictures: [][]float32{weights}}})
	}
	if len(r.Gazes) != 1 || r.Gaze(1).Pictures[0][0] != 0.2 || r.Gaze(0) != nil {
		t.Fatalf("kept %+v", r.Gazes)
	}
	if heat := Heat(r.Gaze(1).Look); heat[0][0] != 1 || heat[0][1] < 0.07 || heat[0][1] > 0.08 {
		t.Errorf("the heat is %v", heat)
	}
	if heat := Heat(&chat.Look{Pictures: [][]float32{{0, 0}}}); heat[0][0] != 0 {
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
