package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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
}

// envelopeOf reads a message. Names are taken as they are written: JSON-RPC knows
// no others.
func envelopeOf(data []byte) (e envelope, ok bool) {
	m := members(data)
	if m == nil {
		return e, false
	}
	e.id, e.result, e.fault = m["id"], m["result"], m["error"]
	_ = json.Unmarshal(m["method"], &e.method)
	return e, e.method != "" || e.result != nil || e.fault != nil
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
	if len(data) > 0 && data[0] == '[' { // several at once, as earlier versions have it
		return data, json.Valid(data)
	}
	e, ok := envelopeOf(data)
	if !ok {
		return nil, false
	}
	method := e.method
	w.mu.Lock()
	if method == "" {
		method = w.methods[string(e.id)]
		delete(w.methods, string(e.id))
	}
	w.mu.Unlock()
	if e.result == nil || e.method != "" || len(data) > maxReadable {
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
		return data, true
	}
	return response(e.id, result), true
}

func response(id, result json.RawMessage) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
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

// readableResult makes every part of a call's result one that the SDK reads, and puts
// structured content, byte for byte, among the texts, unless one of them says the same.
func readableResult(result json.RawMessage) json.RawMessage {
	m := members(result)
	if m == nil {
		return result
	}
	out := maps.Clone(m)
	delete(out, "structuredContent")
	var parts []json.RawMessage
	if content := m["content"]; len(content) > 0 && json.Unmarshal(content, &parts) != nil {
		parts = []json.RawMessage{content} // one that forgot to be a list
	}
	kept := []json.RawMessage{}
	for _, part := range parts {
		kept = append(kept, readablePart(part))
	}
	if extra := m["structuredContent"]; len(extra) > 0 && string(extra) != "null" && !saysSame(parts, extra) {
		kept = append(kept, textPart(string(extra)))
	}
	if failed := string(m["isError"]); failed != "" && failed != "true" && failed != "false" {
		delete(out, "isError")
	}
	if members(m["_meta"]) == nil {
		delete(out, "_meta")
	}
	out["content"], _ = json.Marshal(kept) // raw JSON that was read
	return asJSON(out)
}

func textPart(text string) json.RawMessage {
	data, _ := json.Marshal(map[string]string{"type": "text", "text": text}) // strings alone
	return data
}

// saysSame reports whether a text among the parts is the structured content.
func saysSame(parts []json.RawMessage, structured json.RawMessage) bool {
	want := compact(structured)
	for _, part := range parts {
		var text string
		if json.Unmarshal(members(part)["text"], &text) == nil && bytes.Equal(compact([]byte(text)), want) {
			return true
		}
	}
	return false
}

func compact(raw []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return raw
	}
	return out.Bytes()
}

// readablePart is a part of a result, or a word about one that cannot be read.
func readablePart(raw json.RawMessage) json.RawMessage {
	m := members(raw)
	var kind string
	_ = json.Unmarshal(m["type"], &kind)
	for _, name := range []string{"annotations", "_meta"} { // for other programs, and often of the wrong kind
		delete(m, name)
	}
	switch kind {
	case "text":
		if isString(m["text"]) {
			return asJSON(m)
		}
		if len(m["text"]) > 0 { // a number, or a value that forgot to be text
			return textPart(string(m["text"]))
		}
	case "image", "audio":
		if data, ok := plainBase64(m["data"]); ok {
			m["data"] = data
			if !isString(m["mimeType"]) {
				m["mimeType"] = json.RawMessage(`""`)
			}
			return asJSON(m)
		}
		return textPart("[" + kind + " that is left out: its data is not base64]")
	case "resource":
		resource := members(m["resource"])
		if blob, ok := plainBase64(resource["blob"]); ok {
			resource["blob"] = blob
		} else if isString(resource["blob"]) {
			return textPart("[resource that is left out: its data is not base64]")
		}
		if resource != nil {
			delete(resource, "_meta")
			if !isString(resource["uri"]) {
				resource["uri"] = json.RawMessage(`""`)
			}
			m["resource"] = asJSON(resource)
			return asJSON(m)
		}
	case "resource_link":
		out := map[string]json.RawMessage{"type": m["type"]}
		for _, name := range []string{"uri", "name", "title", "description", "mimeType"} {
			if isString(m[name]) {
				out[name] = m[name]
			}
		}
		return asJSON(out)
	case "":
		if isString(raw) { // a bare string is a text
			var text string
			_ = json.Unmarshal(raw, &text)
			return textPart(text)
		}
	}
	return textPart("[content of the kind " + kind + " that is not known here: " + string(cutRaw(raw)) + "]")
}

// cutRaw is the beginning of a part that is only named.
func cutRaw(raw json.RawMessage) []byte { return raw[:min(len(raw), smallest)] }

// plainBase64 is data as the SDK reads it: without the head of a data URL, blanks and
// line feeds, with its padding, in the usual alphabet.
func plainBase64(raw json.RawMessage) (json.RawMessage, bool) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil, false
	}
	data, err := decodeLoosely(text)
	if err != nil {
		return nil, false
	}
	out, _ := json.Marshal(data) // bytes become base64
	return out, true
}
