// Answers is an OpenAI-compatible server that answers every question with a
// Markdown file at a chosen speed. The test that drives the window, and whoever
// looks at how answers are laid out, use it in place of a model: its answer has
// every kind of block, and is the same each time. Asked to count letters, and given
// a tool named count, it calls that and tells the result. Asked to answer at
// length, it repeats the file to 10,000 pieces: nine tenths of them in a hurry, the
// rest at 100 a second. A question that ends with "Take your time." gets ten a second.
//
//	go run ./tools/window/answers -addr 127.0.0.1:8123 -speed 100 -file tools/window/answers/every-block.md
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8123", "where to listen")
	speed := flag.Float64("speed", 100, "pieces per second")
	file := flag.String("file", "", "the Markdown file that is the answer")
	repeat := flag.Int("repeat", 1, "how many times over")
	flag.Parse()
	text, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	answer := pieces(strings.Repeat(string(text)+"\n\n", *repeat))
	http.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"object":"list","data":[{"id":"every-block","object":"model","max_model_len":32768}]}`)
	})
	http.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		said, rate, hurry := answer, *speed, 0
		last, named := asked(r)
		switch {
		case last.Role == "tool":
			said = pieces("The tool says " + string(last.Content) + ".")
		case named && strings.Contains(string(last.Content), "Count the letters"):
			sendCall(w, `{"text":"Sirocco"}`)
			return
		case strings.Contains(string(last.Content), "at length"):
			for len(said) < 10000 {
				said = append(said, answer...)
			}
			rate, hurry = 100, 9000
		case strings.Contains(string(last.Content), `Take your time."`):
			rate = 10
		}
		stream(w, r, said, time.Duration(float64(time.Second)/rate), hurry)
	})
	log.Fatal(http.ListenAndServe(*addr, nil))
}

// message is one of a request.
type message struct {
	Role    string
	Content json.RawMessage
}

// asked is a request's last message, and whether it has a tool named count.
func asked(r *http.Request) (last message, named bool) {
	var request struct {
		Tools    []struct{ Function struct{ Name string } }
		Messages []message
	}
	if json.NewDecoder(r.Body).Decode(&request) != nil || len(request.Messages) == 0 {
		return message{}, false
	}
	named = slices.ContainsFunc(request.Tools, func(t struct{ Function struct{ Name string } }) bool { return t.Function.Name == "count" })
	return request.Messages[len(request.Messages)-1], named
}

// sendCall answers with a call of count.
func sendCall(w http.ResponseWriter, arguments string) {
	w.Header().Set("Content-Type", "text/event-stream")
	quoted, _ := json.Marshal(arguments)
	const chunk = `data: {"id":"1","object":"chat.completion.chunk","model":"every-block","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}` + "\n\n"
	fmt.Fprintf(w, chunk, `{"tool_calls":[{"index":0,"id":"a1B2c3D4e","type":"function","function":{"name":"count","arguments":`+string(quoted)+`}}]}`, "null")
	fmt.Fprintf(w, chunk, "{}", `"tool_calls"`)
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// pieces cuts text as a model does: words with the space before them.
func pieces(text string) (out []string) {
	for text != "" {
		end := strings.IndexAny(text[1:], " \n") + 1
		if end == 0 {
			end = len(text)
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}

// stream sends the answer as server-sent events, so many of its first pieces with
// a tenth of the pause.
func stream(w http.ResponseWriter, r *http.Request, answer []string, pause time.Duration, hurry int) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(delta map[string]string, finish any) bool {
		data, err := json.Marshal(map[string]any{"id": "1", "object": "chat.completion.chunk", "model": "every-block",
			"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
		if err != nil {
			return false
		}
		_, err = fmt.Fprintf(w, "data: %s\n\n", data)
		w.(http.Flusher).Flush()
		return err == nil
	}
	tick := time.NewTicker(pause)
	if hurry > 0 {
		tick.Reset(pause / 10)
	}
	defer tick.Stop()
	for i, piece := range answer {
		if i == hurry {
			tick.Reset(pause)
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		if !send(map[string]string{"content": piece}, nil) {
			return
		}
	}
	send(map[string]string{}, "stop")
	fmt.Fprint(w, "data: [DONE]\n\n")
}
