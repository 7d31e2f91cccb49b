package chat

// The kinds of Event that a tool loop (app/tools) adds around the answers of an
// engine. One question may take several answers: each begins with KindRound and
// ends with its own KindDone; between them the calls of that answer are approved
// and run. The last event of all is a KindDone.
const (
	KindRound    Kind = "round"       // the engine is asked, for the first time or with results
	KindApproval Kind = "approval"    // a call waits for a decision, or has one
	KindRun      Kind = "tool_run"    // a run has begun, or says how far it is
	KindResult   Kind = "tool_result" // a run is over, or will not take place
	KindMessage  Kind = "message"     // a message that belongs to the conversation from now on
)

// Round says which answer to one question begins, counted from 0, and after how
// many rounds of calls the loop will ask for an answer without any.
type Round struct {
	Index int `json:"index"`
	Limit int `json:"limit"`
}

// RunOf names the call that an approval, a run or a result is about. Index is
// that of the call in its answer, as in CallDelta.
type RunOf struct {
	Index int    `json:"index"`
	ID    string `json:"id"`
	Name  string `json:"name"`
}

// The decisions about a call.
const (
	AllowOnce         = "once"
	AllowConversation = "conversation"
	AllowAlways       = "always"
	Deny              = "deny"
)

// Approval is a call on its way to being run: Decision is empty while somebody
// is asked, and one of the constants above in a second event.
type Approval struct {
	RunOf
	Arguments string `json:"arguments"`
	// Source says who would run it, for people: "built in", "command weather",
	// "MCP server npx …".
	Source string `json:"source"`
	// ReadOnly is what the tool's maker says: that it changes nothing.
	ReadOnly bool   `json:"read_only,omitempty"`
	Decision string `json:"decision,omitempty"`
	// By says who decided: "person", "remembered", "rule".
	By string `json:"by,omitempty"`
	// Edited is true when a person changed the arguments, which are now Arguments.
	Edited bool `json:"edited,omitempty"`
}

// Run is a run that has begun. Done and Total are the tool's own measure of how
// far it is; both are 0 when it has none.
type Run struct {
	RunOf
	Arguments string  `json:"arguments"`
	Done      float64 `json:"done,omitempty"`
	Total     float64 `json:"total,omitempty"`
	Note      string  `json:"note,omitempty"`
}

// The ways in which a call ends.
const (
	RunDone      = "done"      // the tool answered
	RunFailed    = "failed"    // the tool says that it failed, or its server died
	RunDenied    = "denied"    // a person or a rule said no
	RunInvalid   = "invalid"   // unknown tool, or arguments that its schema does not allow: not run
	RunTimeout   = "timeout"   // it took too long
	RunCancelled = "cancelled" // the user stopped
	RunSkipped   = "skipped"   // not run: the answer was cut off, or the rounds are used up
)

// Result is how a call ended.
type Result struct {
	RunOf
	Status string `json:"status"`
	// Text is exactly what the model is told.
	Text string `json:"text"`
	// Pictures go to the model in a user's turn right after the results.
	Pictures []Image `json:"pictures,omitempty"`
	// Notes say what was cut or could not be passed on, for people; Text says so
	// for the model.
	Notes   []string `json:"notes,omitempty"`
	Seconds float64  `json:"seconds"`
}
