// Package engine runs the model in a child process of the same program, so that
// what kills the process (a lost device or a fault in the driver ends it inside
// wgpu-native, where Go cannot catch it) does not take the window or the server
// with it. Requests and events cross two pipes as lines of JSON. Open child.go
// for what the child does, process.go for the parent's side, which is a
// chat.Engine like any other and starts a new child when the old one died.
package engine

import (
	"errors"
	"fmt"

	"sirocco/model/chat"
)

// order is a line from parent to child.
type order struct {
	ID        int           `json:"id"`
	Request   *chat.Request `json:"request,omitempty"`
	Attention []int32       `json:"look,omitempty"`  // not an answer, but where these tokens of it looked
	Count     bool          `json:"count,omitempty"` // not an answer, but the passes so far
	Cancel    bool          `json:"cancel,omitempty"`
}

// news is a line from child to parent. The first line has About, or Fault when
// the model could not be opened; then every line belongs to the request ID. The
// last one of a request has End.
type news struct {
	ID        int                `json:"id"`
	About     *chat.About        `json:"about,omitempty"`
	Notices   []string           `json:"notices,omitempty"`
	Load      *chat.Load         `json:"load,omitempty"`
	Event     *chat.Event        `json:"event,omitempty"`
	Attention *chat.AttentionMap `json:"look,omitempty"`
	Passes    *chat.Passes       `json:"passes,omitempty"`
	Fault     *fault             `json:"fault,omitempty"`
	Alive     bool               `json:"alive,omitempty"` // no request's: the child lives (heartbeat.go)
	End       bool               `json:"end,omitempty"`
}

// fault is an error on its way through the pipe.
type fault struct {
	Message string `json:"message"`
	// Request is true for a *chat.RequestError, with the field it names.
	Request bool   `json:"request,omitempty"`
	Param   string `json:"param,omitempty"`
	Code    string `json:"code,omitempty"`
}

func faultOf(err error) *fault {
	var wrong *chat.RequestError
	if errors.As(err, &wrong) {
		return &fault{Message: wrong.Message, Request: true, Param: wrong.Param, Code: wrong.Code}
	}
	return &fault{Message: err.Error()}
}

func (f *fault) err() error {
	if f.Request {
		return &chat.RequestError{Param: f.Param, Code: f.Code, Message: f.Message}
	}
	return errors.New(f.Message)
}

// Died is the error of an answer whose engine ended in the middle. What was said
// before it has been delivered; the next question starts a new engine.
type Died struct{ Reason string }

func (d *Died) Error() string {
	return fmt.Sprintf("the engine stopped in the middle of the answer (%s); what was said so far is kept, and the next question starts it anew", d.Reason)
}
