package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sirocco/app/engine"
	"sirocco/model/chat"
)

// writeTime is how long a client may take to accept what is written to it.
const writeTime = 30 * time.Second

// problem is an error in OpenAI's shape.
type problem struct {
	Status  int
	Type    string
	Code    string // "" is null
	Param   string // the field at fault; "" is null
	Message string
	// Retry is after how many seconds it is worth trying again; 0 says nothing.
	Retry int
}

func (p *problem) Error() string { return p.Message }

// MarshalJSON writes {"error": {"message", "type", "param", "code"}}.
func (p *problem) MarshalJSON() ([]byte, error) {
	type body struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	return json.Marshal(map[string]body{"error": {p.Message, p.Type, orNull(p.Param), orNull(p.Code)}})
}

// orNull is a string, or null for the empty one.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// invalid is the 400 that names a field.
func invalid(param, message string) *problem {
	return &problem{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: param, Message: message}
}

// busy is the 503 of a server that cannot take a request now.
func busy(message string, retry int) *problem {
	return &problem{Status: http.StatusServiceUnavailable, Type: "server_error", Code: "overloaded", Message: message, Retry: retry}
}

// asProblem turns any error into one for the client. What the engine says of
// itself may hold paths and addresses, so it is kept from the client and known is
// false; the log has it.
func asProblem(err error) (p *problem, known bool) {
	var request *chat.RequestError
	switch {
	case errors.As(err, &p):
		return p, true
	case errors.As(err, &request):
		p = invalid(request.Param, request.Message)
		p.Code = request.Code
		return p, true
	case errors.As(err, new(*engine.Died)):
		return &problem{Status: http.StatusServiceUnavailable, Type: "server_error", Code: "engine_restarts", Retry: 1,
			Message: "the engine stopped in the middle of the answer and is started anew; try again"}, false
	case errors.As(err, new(*http.MaxBytesError)):
		return &problem{Status: http.StatusRequestEntityTooLarge, Type: "invalid_request_error",
			Message: "the request is larger than 64 MB; send smaller pictures"}, true
	}
	return &problem{Status: http.StatusInternalServerError, Type: "server_error",
		Message: "the answer could not be computed; the server's log says why"}, false
}

// fail writes an error, unless the reply has begun or nobody is there to read it.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, known := asProblem(err)
	gone := r.Context().Err() != nil && errors.Is(err, context.Canceled)
	if !known && !gone {
		s.logf("%s failed: %v", s.pattern(r), err)
	}
	if sent, ok := w.(*reply); gone || ok && sent.status != 0 {
		return
	}
	if p.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.Retry))
	}
	if speaksOllama(r) {
		writeJSON(w, p.Status, ollamaError(p))
		return
	}
	if speaksAnthropic(r) {
		writeJSON(w, p.Status, anthropicError(p))
		return
	}
	writeJSON(w, p.Status, p)
}

// writeJSON writes a whole reply.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	data, err := marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
	w.WriteHeader(status)
	w.Write(data) // a client that is gone cannot be told so
	return nil
}
