package chat

// RequestError says what is wrong with a request: Param is the place in it, in
// the words of an OpenAI request ("messages[2].tool_calls[0].id"), Message a
// sentence for a person.
type RequestError struct {
	Param   string `json:"param"`
	Message string `json:"message"`
	// Code tells programs which mistake it is; "" for those without a name.
	Code string `json:"code,omitempty"`
}

// The mistakes that programs look for: OpenAI's word for a conversation that
// does not fit, and ours for a picture shown to a text-only model.
const (
	CodeTooLong  = "context_length_exceeded"
	CodeNoVision = "image_input_not_supported"
)

func (e *RequestError) Error() string { return e.Message }
