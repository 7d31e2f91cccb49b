package inspect

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sirocco/app/origin"
	"sirocco/model/chat"
)

// Trace says where OpenTelemetry spans go.
type Trace struct {
	// Endpoint is the collector's address, "http://localhost:4318"; spans are
	// posted to its /v1/traces as OTLP JSON.
	Endpoint string
	Headers  map[string]string
	// Content adds prompts and answers to the spans. Off, they hold names and
	// numbers only.
	Content bool
	Client  *http.Client
}

// The shapes of OTLP's JSON, as far as spans need them.
type (
	otlp struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resource     `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID    string      `json:"traceId"`
		SpanID     string      `json:"spanId"`
		ParentID   string      `json:"parentSpanId,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes"`
		Status     *status     `json:"status,omitempty"`
	}
	status struct {
		Code    int    `json:"code"`
		Message string `json:"message,omitempty"`
	}
	attribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

const (
	kindInternal = 1
	kindClient   = 3
	statusError  = 2
)

func text(key, value string) attribute { return attribute{key, map[string]any{"stringValue": value}} }
func number(key string, value int) attribute {
	return attribute{key, map[string]any{"intValue": strconv.Itoa(value)}} // 64-bit integers are strings in OTLP's JSON
}
func real(key string, value float64) attribute {
	return attribute{key, map[string]any{"doubleValue": value}}
}

// Send posts a turn as spans of OpenTelemetry's conventions for generative AI:
// one for the turn, one "chat" for each answer, one "execute_tool" for each run.
func (tr *Trace) Send(ctx context.Context, t *Turn, began time.Time) error {
	body, err := json.Marshal(tr.spans(t, began))
	if err != nil {
		return fmt.Errorf("sending the trace: %w", err)
	}
	address := strings.TrimSuffix(tr.Endpoint, "/") + "/v1/traces"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("sending the trace to %s: %w", tr.Endpoint, err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range tr.Headers {
		request.Header.Set(name, value)
	}
	client := tr.Client
	if client == nil {
		client = origin.New(origin.Options{Redirects: origin.Within})
		client.Timeout = 10 * time.Second
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("sending the trace to %s: %w; is a collector listening there?", request.URL.Host, origin.Plain(err))
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return fmt.Errorf("sending the trace: %s answered %s: %s", address, response.Status, strings.TrimSpace(string(said)))
	}
	return nil
}

// spans are a turn in OTLP's shape.
func (tr *Trace) spans(t *Turn, began time.Time) otlp {
	trace, root := randomID(16), randomID(8)
	at := func(d time.Duration) string { return strconv.FormatInt(began.Add(d).UnixNano(), 10) }
	list := []span{{TraceID: trace, SpanID: root, Name: "invoke_agent sirocco", Kind: kindInternal, Start: at(0), End: at(t.Length),
		Attributes: []attribute{text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.agent.name", "sirocco")}}}
	for i, r := range t.Rounds {
		end := t.Length
		for _, row := range t.Rows {
			if row.Round == i && (row.Kind == RowWords || row.Kind == RowCall) {
				end = row.End
			}
		}
		list = append(list, span{TraceID: trace, SpanID: randomID(8), ParentID: root, Name: "chat " + t.About.Model.Name, Kind: kindClient,
			Start: at(r.Began), End: at(max(end, r.Began)), Attributes: tr.answer(t, i, r)})
		for _, c := range r.Calls {
			if c.Result != nil {
				list = append(list, tr.tool(c, span{TraceID: trace, SpanID: randomID(8), ParentID: root, Start: at(c.Began), End: at(max(c.Ended, c.Began))}))
			}
		}
	}
	return otlp{[]resourceSpans{{resource{[]attribute{text("service.name", "sirocco")}}, []scopeSpans{{scope{"sirocco"}, list}}}}}
}

func (tr *Trace) answer(t *Turn, i int, r *Round) []attribute {
	s := t.Request.Sampling
	list := []attribute{text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "sirocco"), text("gen_ai.request.model", t.About.Model.Name),
		real("gen_ai.request.temperature", s.Temperature), number("gen_ai.request.seed", int(s.Seed))}
	if s.TopP > 0 {
		list = append(list, real("gen_ai.request.top_p", s.TopP))
	}
	if t.Request.MaxTokens > 0 {
		list = append(list, number("gen_ai.request.max_tokens", t.Request.MaxTokens))
	}
	if r.Done != nil {
		list = append(list, number("gen_ai.usage.input_tokens", r.Done.Usage.PromptTokens), number("gen_ai.usage.output_tokens", r.Done.Usage.CompletionTokens),
			number("gen_ai.usage.cache_read.input_tokens", r.Done.Usage.CachedTokens),
			attribute{"gen_ai.response.finish_reasons", map[string]any{"arrayValue": map[string]any{"values": []map[string]any{{"stringValue": r.Done.FinishReason}}}}})
	}
	if tr.Content {
		list = append(list, text("gen_ai.output.messages", textOf(r)))
		if i == 0 {
			list = append(list, text("gen_ai.input.messages", questionOf(t.Request.Messages)))
		}
	}
	return list
}

func (tr *Trace) tool(c *Call, s span) span {
	s.Name, s.Kind = "execute_tool "+c.Name, kindInternal
	s.Attributes = []attribute{text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", c.Name), text("gen_ai.tool.call.id", c.ID), text("gen_ai.tool.type", "function")}
	if tr.Content {
		s.Attributes = append(s.Attributes, text("gen_ai.tool.call.arguments", c.Arguments), text("gen_ai.tool.call.result", c.Result.Text))
	}
	if c.Result.Status != chat.RunDone {
		s.Attributes = append(s.Attributes, text("error.type", c.Result.Status))
		s.Status = &status{Code: statusError, Message: c.Result.Status}
	}
	return s
}

// otelPart is a part of a message in the conventions' JSON.
type otelPart struct {
	Type      string          `json:"type"`
	Content   string          `json:"content,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Arguments json.RawMessage `json:"arguments,omitempty"`
}

type otelMessage struct {
	Role  chat.Role  `json:"role"`
	Parts []otelPart `json:"parts"`
}

func textOf(r *Round) string { return questionOf([]chat.Message{r.Answer()}) }

func questionOf(messages []chat.Message) string {
	list := []otelMessage{}
	for _, m := range messages {
		out := otelMessage{Role: m.Role, Parts: []otelPart{}}
		for _, p := range m.Parts {
			if p.Image != nil {
				out.Parts = append(out.Parts, otelPart{Type: "image", Name: p.Image.Name})
			} else {
				out.Parts = append(out.Parts, otelPart{Type: "text", Content: p.Text})
			}
		}
		for _, c := range m.ToolCalls {
			part := otelPart{Type: "tool_call", ID: c.ID, Name: c.Name}
			if json.Valid([]byte(c.Arguments)) {
				part.Arguments = json.RawMessage(c.Arguments)
			}
			out.Parts = append(out.Parts, part)
		}
		list = append(list, out)
	}
	data, err := json.Marshal(list)
	if err != nil {
		return "[]"
	}
	return string(data)
}

// randomID is an id of so many bytes in hex. crypto/rand does not fail.
func randomID(bytes int) string {
	id := make([]byte, bytes)
	rand.Read(id)
	return hex.EncodeToString(id)
}
