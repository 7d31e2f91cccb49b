package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sirocco/model/chat"
)

// failure is an error as servers write it: in an object of its own, beside other
// fields, or as a text.
type failure struct {
	Error   json.RawMessage `json:"error"`
	Errors  json.RawMessage `json:"errors"`
	Message json.RawMessage `json:"message"`
	Msg     json.RawMessage `json:"msg"`
	Detail  json.RawMessage `json:"detail"`

	Code       word `json:"code"`
	Status     word `json:"status"`
	StatusCode word `json:"status_code"`
	Type       word `json:"type"`
	Param      word `json:"param"`
	Success    *bool
	Object     word
}

// failureOf reads an error reply, of Google's too, which come in a list.
func failureOf(data []byte) (f failure, ok bool) {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	ok = json.Unmarshal(data, &f) == nil
	return f, ok
}

// inner is the error in an object of its own.
func (f *failure) inner() (in failure, ok bool) {
	for _, raw := range []json.RawMessage{f.Error, f.Errors, f.Detail} {
		if none(raw) {
			continue
		}
		if in, ok = failureOf(raw); ok {
			return in, true
		}
	}
	return in, false
}

// none says that a field holds nothing.
func none(raw json.RawMessage) bool {
	return slices.Contains([]string{"", "null", `""`, "{}", "[]", "false", "0"}, string(raw))
}

// isFailure says that a piece is an error and no part of an answer.
func (a *answer) isFailure(c *chunk, data []byte) bool {
	if !none(c.Error) {
		return true
	}
	if a.begun || len(c.Choices) > 0 || c.Usage != nil {
		return false
	}
	f, ok := failureOf(data)
	switch {
	case !ok || string(f.Type) == "ping":
		return false
	case f.Object == "error", f.Success != nil && !*f.Success, !none(f.Errors):
		return true
	case !none(f.Message), !none(f.Msg), !none(f.Detail):
		return true
	}
	return statusIn(f) != 0
}

// eventError is what an error that came with status 200 means: the same as one with
// the status that it names. In the middle of an answer it ends it.
func (a *answer) eventError(data []byte) error {
	if a.begun {
		return a.failed(http.StatusInternalServerError, messageOf(data))
	}
	return a.refusal(&http.Response{StatusCode: statusOf(data), Header: http.Header{}}, data)
}

// failed is the problem of a server that gave up.
func (a *answer) failed(status int, said string) error {
	return &problem{status: status, message: a.at.host() + " failed in the middle of the answer" + a.quote(a.key.hide(said))}
}

// statusOf is the status that an error means.
func statusOf(data []byte) int {
	f, _ := failureOf(data)
	if in, ok := f.inner(); ok {
		if status := statusIn(in); status != 0 {
			return status
		}
	}
	if status := statusIn(f); status != 0 {
		return status
	}
	return http.StatusInternalServerError
}

// kinds are the statuses that names of errors stand for.
var kinds = []struct {
	status int
	words  []string
}{
	{http.StatusUnauthorized, []string{"authentication", "unauthorized", "unauthenticated", "invalid_api_key", "permission"}},
	{http.StatusTooManyRequests, []string{"rate_limit", "ratelimit", "too_many", "resource_exhausted", "quota"}},
	{http.StatusServiceUnavailable, []string{"overloaded", "unavailable", "loading", "server_busy"}},
	{http.StatusGatewayTimeout, []string{"timeout", "deadline"}},
	{http.StatusNotFound, []string{"not_found", "notfound"}},
	{http.StatusBadRequest, []string{"context_length", "exceed_context", "invalid_request", "invalid_argument", "bad_request", "badrequest", "validation", "unsupported"}},
}

// statusIn is the status that the fields of an error name; 0 where they name none.
func statusIn(f failure) int {
	said := []word{f.Code, f.StatusCode, f.Status, f.Type}
	for _, w := range said {
		if code, err := strconv.Atoi(string(w)); err == nil && code >= 400 && code < 600 {
			return code
		}
	}
	for _, kind := range kinds {
		for _, w := range said {
			low := strings.ToLower(string(w))
			if slices.ContainsFunc(kind.words, func(word string) bool { return strings.Contains(low, word) }) {
				return kind.status
			}
		}
	}
	return 0
}

// messageOf finds the message in an error reply of any shape; else it is the beginning
// of what was sent, without markup.
func messageOf(body []byte) string {
	f, ok := failureOf(body)
	if !ok {
		text := strings.Join(strings.Fields(string(body)), " ")
		if strings.HasPrefix(text, "<") {
			return ""
		}
		return shorten(text)
	}
	in, _ := f.inner()
	for _, raw := range []json.RawMessage{in.Message, in.Msg, f.Message, f.Msg, f.Error, f.Detail, f.Errors} {
		if none(raw) {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return shorten(text)
		}
		if string(in.Message) == `""` {
			return "" // an error that says nothing
		}
		return shorten(string(raw))
	}
	return ""
}

// paramOf is the field an error names.
func paramOf(body []byte) string {
	f, _ := failureOf(body)
	in, _ := f.inner()
	return string(in.Param)
}

// renamed says of a server that no longer has the model which models it has now.
func (a *answer) renamed(err error) error {
	var p *problem
	if !errors.As(err, &p) || p.status != http.StatusNotFound {
		return err
	}
	var list modelList
	if a.post(a.ctx, http.MethodGet, "v1/models", nil, &list) != nil || len(list) == 0 || list.find(a.about.Model.Name) != nil {
		return err
	}
	return &chat.RequestError{Param: "model", Message: fmt.Sprintf("%s no longer has the model %q; it now has %s", a.at.host(), a.about.Model.Name, shorten(strings.Join(list.names(), ", ")))}
}
