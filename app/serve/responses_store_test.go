package serve

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// answer asks and returns the reply's id and that of its first item.
func answerOf(t *testing.T, s *Server, body string) (response, item string) {
	t.Helper()
	w := ask(s, "POST", responsesURL, body)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return fmt.Sprint(look(t, w.Body.Bytes(), "id")), fmt.Sprint(look(t, w.Body.Bytes(), "output.0.id"))
}

// A second request goes on from the first by its id, or refers to its items: the
// model reads the whole conversation, and the reply says what it went on from.
func TestPreviousResponse(t *testing.T) {
	engine := &fake{}
	s := newServer(t, engine, Options{})
	first, item := answerOf(t, s, `{"input": "one", "instructions": "not carried on"}`)
	const want = "user: one | assistant: A red circle. | user: two"

	w := ask(s, "POST", responsesURL, `{"input": "two", "previous_response_id": "`+first+`"}`)
	if got := talk(engine.last()); got != want || look(t, w.Body.Bytes(), "previous_response_id") != first {
		t.Errorf("the model read %q, want %q; reply %s", got, want, w.Body)
	}
	second := fmt.Sprint(look(t, w.Body.Bytes(), "id"))
	answerOf(t, s, `{"input": [{"role": "user", "content": "three"}], "previous_response_id": "`+second+`"}`)
	if got := talk(engine.last()); got != want+" | assistant: A red circle. | user: three" {
		t.Errorf("the third request read %q", got)
	}
	answerOf(t, s, `{"input": [{"role": "user", "content": "one"}, {"type": "item_reference", "id": "`+item+`"}, {"role": "user", "content": "two"}]}`)
	if got := talk(engine.last()); got != want {
		t.Errorf("by reference the model read %q, want %q", got, want)
	}
}

// A call and its result go on, too.
func TestPreviousResponseWithCalls(t *testing.T) {
	engine := &fake{play: oneCall}
	s := newServer(t, engine, Options{})
	const tools = `"tools": [{"type": "function", "name": "weather"}]`
	first, _ := answerOf(t, s, `{"input": "u", `+tools+`}`)
	engine.play = says(chat.FinishStop, "Sun.")
	answerOf(t, s, `{"input": [{"type": "function_call_output", "call_id": "AAAAAAAA0", "output": "sun"}], "previous_response_id": "`+first+`", `+tools+`}`)
	if got, want := talk(engine.last()), `user: u | assistant: weather({"city": "Rome"}) | tool: sun`; got != want {
		t.Errorf("the model read %q, want %q", got, want)
	}
}

// A response can be had again and deleted, by the client it was made for.
func TestStoredResponse(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	id, _ := answerOf(t, s, `{"input": "one"}`)
	at := responsesURL + "/" + id
	if w := ask(s, "GET", at, ""); w.Code != http.StatusOK || look(t, w.Body.Bytes(), "id") != id || look(t, w.Body.Bytes(), "store") != true {
		t.Errorf("GET: status %d, %s", w.Code, w.Body)
	}
	if w := ask(s, "GET", at+"/input_items", ""); w.Code != http.StatusOK || look(t, w.Body.Bytes(), "data.0.content") != "one" {
		t.Errorf("input_items: status %d, %s", w.Code, w.Body)
	}
	if s.stored.get("somebody else", id) != nil {
		t.Error("another client reads it")
	}
	if w := ask(s, "DELETE", at, ""); w.Code != http.StatusOK || look(t, w.Body.Bytes(), "deleted") != true {
		t.Errorf("DELETE: status %d, %s", w.Code, w.Body)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if w := ask(s, method, at, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s afterwards: status %d", method, w.Code)
		}
	}
	if w := ask(s, "POST", responsesURL, `{"input": "two", "previous_response_id": "`+id+`"}`); w.Code != http.StatusBadRequest || look(t, w.Body.Bytes(), "error.code") != "previous_response_not_found" {
		t.Errorf("going on from a deleted response: status %d, %s", w.Code, w.Body)
	}
}

// Nothing is remembered where the request or the server says so.
func TestNotStored(t *testing.T) {
	for _, c := range []struct {
		o    Options
		body string
	}{
		{Options{}, `{"input": "one", "store": false}`},
		{Options{NoStore: true}, `{"input": "one"}`},
	} {
		s := newServer(t, &fake{}, c.o)
		id, _ := answerOf(t, s, c.body)
		if w := ask(s, "GET", responsesURL+"/"+id, ""); w.Code != http.StatusNotFound {
			t.Errorf("%+v %s: status %d", c.o, c.body, w.Code)
		}
	}
	s := newServer(t, &fake{}, Options{NoStore: true})
	if w := ask(s, "POST", responsesURL, `{"input": "one", "store": true}`); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "keeps nothing") {
		t.Errorf("store on a server without a store: status %d, %s", w.Code, w.Body)
	}
}

// What is remembered is bounded by count, bytes and age; the oldest go first.
func TestStoreIsBounded(t *testing.T) {
	store := newResponseStore()
	now := time.Unix(0, 0)
	store.now = func() time.Time { return now }
	put := func(id string, size int) { store.put(&storedResponse{id: id, owner: "me"}, size) }
	for i := range maxStored + 5 {
		put(fmt.Sprint("count ", i), 1)
	}
	if len(store.byID) != maxStored || store.get("me", "count 0") != nil || store.get("me", "count 5") == nil {
		t.Errorf("%d are remembered", len(store.byID))
	}
	put("large", maxStoredBytes-10)
	put("last", 20)
	if store.bytes > maxStoredBytes || store.get("me", "large") != nil || store.get("me", "last") == nil {
		t.Errorf("%d bytes are remembered", store.bytes)
	}
	now = now.Add(storedFor + time.Second)
	if store.get("me", "last") != nil || store.bytes != 0 || len(store.items) != 0 {
		t.Errorf("an old one is remembered; %d bytes, %d items", store.bytes, len(store.items))
	}
}
