package tools

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

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

// readablePart is a part of a result with what is read of it, or a word about one that
// cannot be read.
func readablePart(raw json.RawMessage) json.RawMessage {
	m := members(raw)
	kind := textOf(m["type"])
	if m == nil && isString(raw) { // a bare string is a text
		return textPart(textOf(raw))
	}
	switch kind {
	case "text":
		if text := m["text"]; len(text) > 0 {
			return textPart(textOf(text))
		}
	case "image", "audio":
		data, ok := plainBase64(m["data"])
		if !ok {
			return textPart("[" + kind + " that is left out: its data is not base64]")
		}
		mime := m["mimeType"]
		if !isString(mime) {
			mime = json.RawMessage(`""`)
		}
		return asJSON(map[string]json.RawMessage{"type": m["type"], "data": data, "mimeType": mime})
	case "resource":
		if resource := members(m["resource"]); resource != nil {
			return readableResource(m["type"], resource)
		}
	case "resource_link":
		return asJSON(withStrings(map[string]json.RawMessage{"type": m["type"]}, m, "uri", "name", "title", "description", "mimeType"))
	}
	return textPart("[content of the kind " + kind + " that is not known here: " + string(cutRaw(raw)) + "]")
}

// withStrings adds those of some members that are strings.
func withStrings(out, m map[string]json.RawMessage, names ...string) map[string]json.RawMessage {
	for _, name := range names {
		if isString(m[name]) {
			out[name] = m[name]
		}
	}
	return out
}

// readableResource is an embedded file with what is read of it.
func readableResource(kind json.RawMessage, m map[string]json.RawMessage) json.RawMessage {
	out := withStrings(map[string]json.RawMessage{"uri": json.RawMessage(`""`)}, m, "uri", "mimeType")
	blob, isBlob := plainBase64(m["blob"])
	switch text := m["text"]; {
	case isBlob:
		out["blob"] = blob
	case len(text) > 0 && string(text) != "null":
		out["text"], _ = json.Marshal(textOf(text)) // a string
	case isString(m["blob"]):
		return textPart("[resource " + textOf(out["uri"]) + " that is left out: its data is not base64]")
	}
	return asJSON(map[string]json.RawMessage{"type": kind, "resource": asJSON(out)})
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

// saysSame reports whether the texts among the parts say what the structured content
// says. The Python SDK puts a value that is no object under "result", and writes each
// item of a list as a part.
func saysSame(parts []json.RawMessage, structured json.RawMessage) bool {
	var texts []string
	for _, part := range parts {
		if m := members(part); textOf(m["type"]) == "text" {
			texts = append(texts, textOf(m["text"]))
		}
	}
	want := []any{valueOf(structured)}
	if m := members(structured); len(m) == 1 && m["result"] != nil {
		want = append(want, valueOf(m["result"]))
	}
	for _, value := range want {
		for _, text := range texts {
			if saysValue(text, value) {
				return true
			}
		}
		list, ok := value.([]any)
		if !ok || len(list) != len(texts) {
			continue
		}
		same := true
		for i, item := range list {
			same = same && saysValue(texts[i], item)
		}
		if same {
			return true
		}
	}
	return false
}

// saysValue reports whether a text is a value: as JSON, or as it is.
func saysValue(text string, value any) bool {
	if word, ok := value.(string); ok && word == text {
		return true
	}
	read := valueOf([]byte(text))
	return read != nil && reflect.DeepEqual(read, value)
}

// valueOf reads JSON with its numbers as they are written; nil is none.
func valueOf(raw []byte) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || strings.TrimSpace(string(raw[decoder.InputOffset():])) != "" {
		return nil
	}
	return value
}
