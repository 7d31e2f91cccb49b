package chat

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimedEventsRoundTrip(t *testing.T) {
	event := Timed{At: 1500 * time.Microsecond, Event: Event{Kind: KindText, Text: "é"}}
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"at":0.001500,"event":"text","text":"é"}`; string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
	var back Timed
	if err := json.Unmarshal(data, &back); err != nil || back != event {
		t.Errorf("%s came back as %+v, %v", data, back, err)
	}
}
