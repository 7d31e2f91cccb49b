package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// wire sees every message between us and a server before the SDK does. It keeps the bytes of schemas, which the SDK would write anew in
// another order, and makes messages readable that the SDK would refuse whole for one
// part of theirs.
type wire struct {
	mu      sync.Mutex
	methods map[string]string          // requests of ours that wait for a response, by id
	schemas map[string]json.RawMessage // by the names of tools, as the server wrote them
	notes   []string                   // what was left out, and why
}

func newWire() *wire {
	return &wire{methods: map[string]string{}, schemas: map[string]json.RawMessage{}}
}

// envelope is what all messages have.
type envelope struct {
	id, result, fault json.RawMessage
	method            string
	versioned         bool // it says that it is JSON-RPC
}

// envelopeOf reads a message. Names are taken as they are written: JSON-RPC knows
// no others.
func envelopeOf(data []byte) (e envelope, ok bool) {
	m := members(data)
	if m == nil {
		return e, false
	}
	e.id, e.result, e.fault = m["id"], m["result"], m["error"]
	if string(e.fault) == "null" && e.result != nil {
		e.fault = nil
	}
	_ = json.Unmarshal(m["method"], &e.method)
	e.versioned = string(m["jsonrpc"]) == `"2.0"`
	if e.method != "" {
		return e, e.versioned // else a log line about a request
	}
	return e, isID(e.id) && (e.result != nil || e.fault != nil)
}

// isID reports whether a response may have this id.
func isID(id json.RawMessage) bool {
	return len(id) > 0 && (id[0] == '"' || id[0] == '-' || '0' <= id[0] && id[0] <= '9')
}

// all sees what came at once: a message, or several in a list, as earlier versions of
// the protocol have it. It returns those that are messages.
func (w *wire) all(data []byte) (list [][]byte) {
	parts := []json.RawMessage{data}
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '[' && json.Unmarshal(text, &parts) != nil {
		return nil
	}
	for _, part := range parts {
		if out, ok := w.came(part); ok {
			list = append(list, out)
		}
	}
	return list
}

func (w *wire) note(format string, args ...any) {
	note, _ := cut(fmt.Sprintf(format, args...), smallest)
	if len(w.notes) < maxNotes {
		w.notes = append(w.notes, note)
	}
}

// sent sees a message of ours.
func (w *wire) sent(data []byte) {
	data = bytes.TrimSpace(data)
	e, ok := envelopeOf(data)
	if !ok {
		return
	}
	w.mu.Lock()
	if len(e.id) > 0 && e.method != "" {
		w.methods[string(e.id)] = e.method
	}
	w.mu.Unlock()
}

// maxReadable is up to which size a message is made readable. Larger ones take long to
// take apart, and what is in them is cut anyway.
const maxReadable = 16 << 20

// came sees a message of the server's and returns it as the SDK can read it. ok is
// false for what is no message at all.
func (w *wire) came(data []byte) (out []byte, ok bool) {
	data = bytes.TrimSpace(data)
	e, ok := envelopeOf(data)
	if !ok {
		return nil, false
	}
	method, asIs := e.method, e.versioned
	w.mu.Lock()
	if method == "" {
		if number := strings.Trim(string(e.id), `"`); w.methods[number] != "" && number != string(e.id) {
			e.id, asIs = json.RawMessage(number), false // some give our numbers back as text
		}
		method = w.methods[string(e.id)]
		delete(w.methods, string(e.id))
	}
	w.mu.Unlock()
	switch {
	case e.method == "" && method == "" && !e.versioned:
		return nil, false // a log line that looks like a response
	case e.method == "" && len(e.fault) > 0:
		return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"error":%s}`, e.id, readableFault(e.fault)), true
	case e.method != "" || len(data) > maxReadable:
		return data, true
	}
	var result json.RawMessage
	switch method {
	case "initialize":
		result = knownVersion(e.result)
	case "tools/list":
		result = w.readableTools(e.result)
	case "tools/call":
		result = readableResult(e.result)
	default:
		if asIs {
			return data, true
		}
		result = e.result
	}
	return response(e.id, result), true
}

func response(id, result json.RawMessage) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
}

// readableFault is an error of the server's with what the SDK looks for in it.
func readableFault(raw json.RawMessage) json.RawMessage {
	m := members(raw)
	var code int64
	if json.Unmarshal(m["code"], &code) == nil && len(m["code"]) > 0 && isString(m["message"]) {
		return raw
	}
	message := m["message"]
	if !isString(message) {
		message, _ = json.Marshal(textOf(raw)) // a string
	}
	return fmt.Appendf(nil, `{"code":%d,"message":%s}`, code, message)
}

// textOf is a string, or other JSON as it is written.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil && isString(raw) {
		return text
	}
	return string(raw)
}

// members reads an object; nil is none.
func members(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// asJSON is an object as JSON. Members that cannot be written are not there.
func asJSON(m map[string]json.RawMessage) json.RawMessage {
	data, err := json.Marshal(m)
	if err != nil {
		return json.RawMessage("{}")
	}
	return data
}

// knownVersion gives the first public version of the protocol, which the SDK does not
// know, the number of the next one: nothing that is used here differs.
func knownVersion(result json.RawMessage) json.RawMessage {
	m := members(result)
	if string(m["protocolVersion"]) != `"2024-10-07"` {
		return result
	}
	m["protocolVersion"] = json.RawMessage(`"2024-11-05"`)
	return asJSON(m)
}

// readableTools keeps the schemas of a list of tools aside, and leaves of each tool
// what is needed, where it is of the right kind.
func (w *wire) readableTools(result json.RawMessage) json.RawMessage {
	m := members(result)
	var list []json.RawMessage
	if m == nil || json.Unmarshal(m["tools"], &list) != nil {
		return result
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var kept []map[string]json.RawMessage
	for i, raw := range list {
		tool := members(raw)
		var name string
		if json.Unmarshal(tool["name"], &name) != nil || name == "" {
			w.note("tool %d of the list has no name, and is left out", i+1)
			continue
		}
		if len(name) <= maxTitle {
			w.schemas[name] = tool["inputSchema"]
		}
		kept = append(kept, readableTool(tool))
	}
	if kept == nil {
		kept = []map[string]json.RawMessage{}
	}
	out := map[string]json.RawMessage{}
	out["tools"], _ = json.Marshal(kept) // raw JSON that was read
	if cursor := m["nextCursor"]; isString(cursor) {
		out["nextCursor"] = cursor
	}
	return asJSON(out)
}

// readableTool leaves what people and the model are told. The size of the schema
// stays, so that one that is far too large is noticed.
func readableTool(tool map[string]json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{"name": tool["name"], "inputSchema": json.RawMessage(`{"type":"object"}`)}
	for _, key := range []string{"description", "title"} {
		if isString(tool[key]) {
			out[key] = tool[key]
		}
	}
	hints := map[string]json.RawMessage{}
	for key, value := range members(tool["annotations"]) {
		isBool := string(value) == "true" || string(value) == "false"
		if key == "title" && isString(value) || strings.HasSuffix(key, "Hint") && isBool {
			hints[key] = value
		}
	}
	if len(hints) > 0 {
		out["annotations"] = asJSON(hints)
	}
	return out
}

func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// schema is a tool's, as the server wrote it.
func (w *wire) schema(name string) json.RawMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.schemas[name]
}

// takeNotes returns what was left out since it was asked last.
func (w *wire) takeNotes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	notes := w.notes
	w.notes = nil
	return notes
}
