package inspect

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sirocco/model/chat"
)

// A session that version 0.1.0 saved, with every kind of event, every expectation and
// a look back, is read as the turn it was, and written back as the same bytes.
func TestEarlierSession(t *testing.T) {
	before, err := os.ReadFile(filepath.Join("testdata", "v0.1.0", "session.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSession(before)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := s.Write(); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v; it was written back as\n%s", err, after)
	}
	if len(s.Expect) != 5 || s.Redacted != 1 || !s.NoGuard || s.About.Model.Name != "Breeze" {
		t.Errorf("read as %+v", s)
	}
	request, err := s.ChatRequest(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(request.Messages) != 2 || len(request.Messages[1].Parts[0].Image.Data) != 862 || request.Sampling.Seed != 7 || request.Tools[0].Name != "get_rate" || request.ToolName != "get_rate" {
		t.Errorf("its request is %+v", request)
	}
	turn := s.Turn(request)
	if len(turn.Rounds) != 2 || turn.Rounds[1].Done.FinishReason != chat.FinishStop || len(turn.Looks()) != 1 {
		t.Fatalf("its turn is %+v", turn)
	}
	call := turn.Calls()[0]
	if call.Result == nil || call.Result.Text != "0.86" || len(call.Result.Pictures[0].Data) != 862 {
		t.Errorf("its call is %+v", call)
	}
}
