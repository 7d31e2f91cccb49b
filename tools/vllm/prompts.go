//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
)

// corpus is the chats that tools/goldens/chats.py made.
const corpus = "app/cli/testdata/chats.jsonl.gz"

// prompts compares the exact prompt of every conversation of the corpus with
// vLLM's /tokenize.
func prompts(b *bench) (string, error) {
	lines, err := conversations()
	if err != nil {
		return "", err
	}
	var same, refused, coerced, pictures int
	var first string
	var others []string
	for i, line := range lines {
		request, err := openai.ParseChat(line)
		if err != nil {
			return "", fmt.Errorf("conversation %d: %w", i, err)
		}
		chattemplate.MapCallIDs(&request.Chat)
		ours, err := chattemplate.Build(request.Chat, b.here.Tokenizer(), rule(b))
		if err != nil {
			return "", fmt.Errorf("conversation %d: %w", i, err)
		}
		theirs, said, err := b.tokenize(line)
		if err != nil {
			return "", err
		}
		switch {
		case said != "": // beyond its limits: more pictures than ten, say
			if refused++; first == "" {
				first = said
			}
		case slices.Equal(ours.IDs, theirs):
			same++
			pictures += len(ours.Images)
		case oddArguments(request.Chat.Messages):
			coerced++
		default:
			others = append(others, fmt.Sprintf("conversation %d: %d tokens here, %d there, the first difference at %d: %.300s", i, len(ours.IDs), len(theirs), difference(ours.IDs, theirs), line))
		}
	}
	if len(others) > 0 {
		return "", fmt.Errorf("%d of %d conversations have other ids; %s", len(others), len(lines), strings.Join(others[:min(len(others), 5)], "; "))
	}
	if same < len(lines)/2 {
		return "", fmt.Errorf("vLLM refused %d of %d conversations, the first: %s", refused, len(lines), first)
	}
	return fmt.Sprintf("%d conversations with %d pictures have the same ids; vLLM rewrote odd arguments of calls in %d others and refused %d (%.120s)", same, pictures, coerced, refused, first), nil
}

// oddArguments reports whether a call has arguments that vLLM does not pass on as
// they are: it empties what is no JSON object, and reads and writes the others
// anew, which changes numbers with exponents and lone halves of characters.
// mistral-common keeps them, and so do we.
func oddArguments(messages []chat.Message) bool {
	for _, m := range messages {
		for _, call := range m.ToolCalls {
			var object map[string]any
			if json.Unmarshal([]byte(call.Arguments), &object) != nil || object == nil || odd.MatchString(call.Arguments) {
				return true
			}
		}
	}
	return false
}

var odd = regexp.MustCompile(`(?i)\\ud[89a-f]|[0-9]e[-+]?[0-9]`)

// rule is how the model makes tokens of pictures.
func rule(b *bench) imageproc.Rule {
	image := b.here.Tokenizer().Image()
	return imageproc.Rule{PatchSize: image.PatchSize, MaxSize: image.MaxSize, Merge: image.Merge}
}

// difference is where two sequences part.
func difference(a, b []int32) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// conversations are the requests of the corpus that the template takes.
func conversations() (lines [][]byte, err error) {
	file, err := os.Open(corpus)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(packed)
	for {
		var golden struct{ Version, Line, Error string }
		err := decoder.Decode(&golden)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		var request struct{ Messages []any }
		if golden.Version == "v11" && golden.Error == "" && json.Unmarshal([]byte(golden.Line), &request) == nil && request.Messages != nil {
			lines = append(lines, []byte(golden.Line))
		}
	}
}

// tokenize asks vLLM for the ids of a conversation; said is why it refused.
func (b *bench) tokenize(line []byte) (ids []int32, said string, err error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(line, &body); err != nil {
		return nil, "", err
	}
	body["model"], _ = json.Marshal(b.there.About().Model.Name)
	var messages []struct{ Prefix bool }
	if json.Unmarshal(body["messages"], &messages) == nil && len(messages) > 0 && messages[len(messages)-1].Prefix {
		body["continue_final_message"], body["add_generation_prompt"] = json.RawMessage("true"), json.RawMessage("false")
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, "", err
	}
	response, err := http.Post(b.url+"/tokenize", "application/json", bytes.NewReader(data))
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, "", err
	}
	if response.StatusCode != http.StatusOK {
		return nil, string(reply), nil
	}
	var tokens struct{ Tokens []int32 }
	return tokens.Tokens, "", json.Unmarshal(reply, &tokens)
}
