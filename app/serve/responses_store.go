package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"sirocco/app/openai"
	"sirocco/model/chattemplate/pyjson"
)

// What is remembered of earlier responses, in memory alone.
const (
	maxStored      = 1000      // responses
	maxStoredBytes = 256 << 20 // of their requests and replies
	storedFor      = 24 * time.Hour
)

// responseStore remembers responses, so that a client can go on from one by its id
// (previous_response_id) or refer to an item of one (item_reference). The oldest go
// first. Each client, by its key or address, sees its own alone.
type responseStore struct {
	mu    sync.Mutex
	byID  map[string]*storedResponse
	items map[string]storedItem // items of replies and requests that have an id
	order []*storedResponse     // oldest first
	bytes int
	now   func() time.Time
}

// storedResponse is one response and the conversation up to it.
type storedResponse struct {
	id, owner    string
	at           time.Time
	conversation []pyjson.Value // input items, then the reply's
	inputs       int            // how many of them are the input
	reply        json.RawMessage
	size         int
	items        []string
}

type storedItem struct {
	owner string
	value pyjson.Value
}

func newResponseStore() *responseStore {
	return &responseStore{byID: map[string]*storedResponse{}, items: map[string]storedItem{}, now: time.Now}
}

// put remembers a response. size is the request's.
func (s *responseStore) put(r *storedResponse, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.at, r.size = s.now(), size+len(r.reply)
	for _, item := range r.conversation {
		if id := textField(item, "id"); id != "" {
			if _, known := s.items[id]; !known {
				s.items[id] = storedItem{r.owner, item}
				r.items = append(r.items, id)
			}
		}
	}
	s.byID[r.id] = r
	s.order = append(s.order, r)
	s.bytes += r.size
	s.tidy()
}

// tidy forgets what is too old, and the oldest of what is too much. The lock is held.
func (s *responseStore) tidy() {
	for len(s.order) > 0 {
		oldest := s.order[0]
		if len(s.order) <= maxStored && s.bytes <= maxStoredBytes && s.now().Sub(oldest.at) <= storedFor {
			return
		}
		s.forget(oldest)
	}
}

// forget takes a response out. The lock is held.
func (s *responseStore) forget(r *storedResponse) {
	delete(s.byID, r.id)
	for _, id := range r.items {
		delete(s.items, id)
	}
	for i, other := range s.order {
		if other == r {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			break
		}
	}
	s.bytes -= r.size
}

// get finds a client's response.
func (s *responseStore) get(owner, id string) *storedResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy()
	if r := s.byID[id]; r != nil && r.owner == owner {
		return r
	}
	return nil
}

// item finds an item of one of a client's responses.
func (s *responseStore) item(owner, id string) (pyjson.Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy()
	item, known := s.items[id]
	return item.value, known && item.owner == owner
}

// remove forgets a client's response, and reports whether there was one.
func (s *responseStore) remove(owner, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byID[id]
	if r == nil || r.owner != owner {
		return false
	}
	s.forget(r)
	return true
}

// remembered is what a request of the Responses API says about earlier and later
// ones.
type remembered struct {
	previous *string
	store    bool
	input    []pyjson.Value // the whole conversation
	size     int
}

// recall puts what a request refers to in its place: the conversation of
// previous_response_id before its input, and items for references to them. With
// NoStore the request stays as it is, and is refused where it refers to anything.
func (s *Server) recall(owner string, v pyjson.Value) (pyjson.Value, *remembered, error) {
	if s.o.NoStore {
		return v, &remembered{}, nil
	}
	m := &remembered{store: true}
	if store, given := v.Get("store"); given && store.Kind == pyjson.Bool {
		m.store = store.True()
	}
	if previous := textField(v, "previous_response_id"); previous != "" {
		earlier := s.stored.get(owner, previous)
		if earlier == nil {
			return v, nil, &problem{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: "previous_response_id", Code: "previous_response_not_found",
				Message: "previous_response_id names a response that is not remembered; it may be too old, or the server was started since. Send the whole conversation in input"}
		}
		m.previous, m.input = &previous, earlier.conversation
	}
	input, given := v.Get("input")
	switch {
	case given && input.Kind == pyjson.String:
		m.input = append(m.input[:len(m.input):len(m.input)], userItem(input))
	case given && input.Kind == pyjson.Array:
		items, err := s.resolve(owner, input.Items)
		if err != nil {
			return v, nil, err
		}
		m.input = append(m.input[:len(m.input):len(m.input)], items...)
	case m.previous == nil || given && input.Kind != pyjson.Null:
		return withoutFields(v, "store"), m, nil // refused where it is read
	}
	v = withoutFields(v, "store", "previous_response_id", "input")
	v.Members = append(v.Members, pyjson.Member{Key: "input", Value: pyjson.Value{Kind: pyjson.Array, Items: m.input}})
	return v, m, nil
}

// resolve puts items in the place of references to them.
func (s *Server) resolve(owner string, items []pyjson.Value) ([]pyjson.Value, error) {
	out := make([]pyjson.Value, len(items))
	for i, item := range items {
		out[i] = item
		if textField(item, "type") != "item_reference" {
			continue
		}
		known := false
		if out[i], known = s.stored.item(owner, textField(item, "id")); !known {
			return nil, &problem{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: "input",
				Message: "an item_reference in input names an item that is not remembered; it may be too old, or the server was started since. Send the item itself"}
		}
	}
	return out, nil
}

// userItem is a message of the user's.
func userItem(text pyjson.Value) pyjson.Value {
	return pyjson.Value{Kind: pyjson.Object, Members: []pyjson.Member{
		{Key: "type", Value: pyjson.Text("message")}, {Key: "role", Value: pyjson.Text("user")}, {Key: "content", Value: text}}}
}

// withoutFields is an object without some of its fields.
func withoutFields(v pyjson.Value, names ...string) pyjson.Value {
	if v.Kind != pyjson.Object {
		return v
	}
	kept := pyjson.Value{Kind: pyjson.Object}
	for _, m := range v.Members {
		drop := false
		for _, name := range names {
			drop = drop || m.Key == name
		}
		if !drop {
			kept.Members = append(kept.Members, m)
		}
	}
	return kept
}

// textField is a field that holds text, else "".
func textField(v pyjson.Value, name string) string {
	if field, given := v.Get(name); given && field.Kind == pyjson.String {
		return pyjson.Clean(field.Text)
	}
	return ""
}

// keep remembers a reply that has ended.
func (s *Server) keep(owner string, m *remembered, reply *response) {
	if !m.store {
		return
	}
	data, err := marshal(reply)
	if err != nil {
		return
	}
	whole, err := pyjson.Parse(string(data))
	if err != nil {
		return
	}
	output, _ := whole.Get("output")
	conversation := append(m.input[:len(m.input):len(m.input)], output.Items...)
	s.stored.put(&storedResponse{id: reply.ID, owner: owner, conversation: conversation, inputs: len(m.input), reply: data}, m.size)
}

// notRemembered answers for an id that means nothing here.
func notRemembered(id string) error {
	return &problem{Status: http.StatusNotFound, Type: "invalid_request_error", Code: "response_not_found", Param: "response_id",
		Message: "no response " + strings.ToValidUTF8(id, "?") + " is remembered here"}
}

// storedResponse gives a response again.
func (s *Server) storedResponse(w http.ResponseWriter, r *http.Request) error {
	found := s.stored.get(s.guard.client(r), r.PathValue("id"))
	if found == nil {
		return notRemembered(r.PathValue("id"))
	}
	return writeJSON(w, http.StatusOK, found.reply)
}

// storedInput lists what a response answered.
func (s *Server) storedInput(w http.ResponseWriter, r *http.Request) error {
	found := s.stored.get(s.guard.client(r), r.PathValue("id"))
	if found == nil {
		return notRemembered(r.PathValue("id"))
	}
	items := []json.RawMessage{}
	for _, item := range found.conversation[:found.inputs] {
		items = append(items, json.RawMessage(item.String()))
	}
	return writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": items, "has_more": false})
}

// deleteResponse forgets a response.
func (s *Server) deleteResponse(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !s.stored.remove(s.guard.client(r), id) {
		return notRemembered(id)
	}
	return writeJSON(w, http.StatusOK, map[string]any{"id": id, "object": "response", "deleted": true})
}

// responseShape reads a request with what it refers to in its place.
func (s *Server) responseShape(owner string, m **remembered) shape {
	return func(v pyjson.Value, o openai.Options) (*openai.Request, error) {
		whole, found, err := s.recall(owner, v)
		if err != nil {
			return nil, err
		}
		*m = found
		return openai.ResponseFromValue(whole, o)
	}
}
