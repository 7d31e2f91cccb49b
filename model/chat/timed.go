package chat

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Timed is an event with the time since its turn began, as histories, session
// files and the inspector keep it.
type Timed struct {
	At time.Duration
	Event
}

// MarshalJSON writes {"at": seconds, "event": kind, …payload…}.
func (t Timed) MarshalJSON() ([]byte, error) {
	event, err := t.Event.MarshalJSON()
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(event)+24), `{"at":`...)
	out = strconv.AppendFloat(out, t.At.Seconds(), 'f', 6, 64)
	out = append(out, ',')
	return append(out, event[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Timed) UnmarshalJSON(data []byte) error {
	var head struct {
		At float64 `json:"at"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	t.At = time.Duration(head.At * float64(time.Second)).Round(time.Microsecond)
	return t.Event.UnmarshalJSON(data)
}
