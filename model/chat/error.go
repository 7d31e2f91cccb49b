package chat

// RequestError says what is wrong with a request: Param is the place in it, in
// the words of an OpenAI request ("messages[2].tool_calls[0].id"), Message a
// sentence for a person.
type RequestError struct {
	Param   string `json:"param"`
	Message string `json:"message"`
}

func (e *RequestError) Error() string { return e.Message }
