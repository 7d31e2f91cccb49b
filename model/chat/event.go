package chat

// Kind names an Event.
type Kind string

// The kinds of Event, in the order in which an answer produces them. run.go has
// those of a tool loop.
const (
	KindLoad    Kind = "load"      // weights are being read
	KindPrompt  Kind = "prompt"    // the exact tokens and where they came from
	KindImage   Kind = "image"     // a picture went through the vision tower
	KindPrefill Kind = "prefill"   // so many prompt tokens are read
	KindToken   Kind = "token"     // one generated id
	KindReason  Kind = "reasoning" // what the model thinks before it answers; no part of the answer
	KindText    Kind = "text"      // text that is safe to show
	KindCall    Kind = "tool_call" // part of a tool call
	KindDone    Kind = "done"      // the end, with everything summed up
	KindNotice  Kind = "notice"    // something a person should know
)

// Event is one thing that happened while answering. Exactly the payload that
// belongs to Kind is set. A *Token is only valid until the next event: the
// engine reuses it, so that a token costs no allocation.
type Event struct {
	Kind    Kind
	Load    *Load
	Prompt  *Prompt
	Image   *ImageEncoded
	Prefill *Prefill
	Token   *Token
	Text    string // KindText, KindReason and KindNotice
	Call    *CallDelta
	Done    *Done

	// Those of a tool loop, see run.go.
	Round    *Round
	Approval *Approval
	Run      *Run
	Result   *Result
	Message  *Message
}

// Load is the progress of reading weights, in bytes of the files. Where What is
// LoadKernels, no weights are read yet: shapes of kernels are being measured, and
// the numbers are those of candidates.
type Load struct {
	What  string `json:"what,omitempty"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
}

// LoadKernels is what is done once on an adapter that is new.
const LoadKernels = "kernels"

// Prompt is the exact sequence the model is given.
type Prompt struct {
	IDs    []int32 `json:"ids"`
	Spans  []Span  `json:"spans"`
	Images []Grid  `json:"images"`
	// Check says whether a server's prompt is known to be this one; "" where the
	// model that answers was given exactly these ids.
	Check string `json:"check,omitempty"`
}

// What is known of a server's prompt.
const (
	PromptChecked   = "checked"     // the server's own tokenizer gave these ids
	PromptUnchecked = "not checked" // it has none that can be asked
	PromptDiffers   = "differs"     // it gave others
)

// Span says where the ids [Start, End) of a prompt came from.
type Span struct {
	Kind    string `json:"kind"` // system, tools, user, assistant, image, tool_result, control
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Message int    `json:"message"` // the first request message it came from
}

// Grid is a picture as the model sees it: pixels after resizing, merged patches,
// and tokens including the row breaks.
type Grid struct {
	Width   int `json:"width"`
	Height  int `json:"height"`
	Rows    int `json:"rows"`
	Columns int `json:"columns"`
	Tokens  int `json:"tokens"`
}

// ImageEncoded reports one picture's way through the vision tower.
type ImageEncoded struct {
	Index   int     `json:"index"`
	Grid    Grid    `json:"grid"`
	Cached  bool    `json:"cached"`
	Seconds float64 `json:"seconds"`
}

// Prefill is the progress of reading the prompt, in tokens. Where the request asks
// for it, Tokens are those read since the last event, with their log-probabilities;
// that of the very first is 0, for nothing comes before it.
type Prefill struct {
	Done   int `json:"done"`
	Total  int `json:"total"`
	Cached int `json:"cached"`

	Tokens []Token `json:"tokens,omitempty"`
}

// Candidate is a token id with its natural log-probability, before temperature,
// penalties and masks.
type Candidate struct {
	ID      int32   `json:"id"`
	Text    string  `json:"text"`
	Logprob float64 `json:"logprob"`
}

// Token is one generated id. Top holds the most likely candidates, best first,
// when the request asked for them.
type Token struct {
	Candidate
	Top []Candidate `json:"top,omitempty"`
	// Forbidden counts the ids that a schema or the form of a call forbade here,
	// and Wanted is what the model would have preferred to all that was allowed.
	Forbidden int        `json:"forbidden,omitempty"`
	Wanted    *Candidate `json:"wanted,omitempty"`
}

// CallDelta is a piece of tool call number Index: its id and name come once,
// its arguments in pieces.
type CallDelta struct {
	Index     int    `json:"index"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
	Complete  bool   `json:"complete,omitempty"`
}

// The reasons for which an answer ends.
const (
	FinishStop       = "stop"
	FinishLength     = "length"
	FinishToolCalls  = "tool_calls"
	FinishRepetition = "repetition"
	FinishCancelled  = "cancelled"
)

// Done sums up an answer.
type Done struct {
	Text         string     `json:"text"`
	Reasoning    string     `json:"reasoning,omitempty"` // what was thought, which is no part of Text
	FinishReason string     `json:"finish_reason"`
	StopSequence string     `json:"stop_sequence,omitempty"` // which of Request.Stop ended it
	ToolCalls    []ToolCall `json:"tool_calls"`
	Tokens       []Token    `json:"tokens"`
	Usage        Usage      `json:"usage"`
	Timings      Timings    `json:"timings"`
	About
}

// Usage counts tokens. ImageTokens includes row breaks and ends.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	ImageTokens      int `json:"image_tokens"`
	CachedTokens     int `json:"cached_tokens"`
	ReasoningTokens  int `json:"reasoning_tokens,omitempty"` // of CompletionTokens, those of thoughts
}

// Timings are wall-clock seconds of the parts of an answer.
type Timings struct {
	Load          float64 `json:"load_s"`
	Image         float64 `json:"image_s"`
	Prefill       float64 `json:"prefill_s"`
	Decode        float64 `json:"decode_s"`
	PrefillPerSec float64 `json:"prefill_tokens_per_s"`
	DecodePerSec  float64 `json:"decode_tokens_per_s"`
}
