package cli

import "context"

// Tokens answers JSON lines with exact prompt tokens. It needs a vocabulary,
// but neither weights nor a GPU.
type Tokens struct {
	VocabularyFlags
	Lenient bool `help:"Read requests as the server does: what the published APIs allow and the template does not is moved or left out, and said in \"notices\"."`
}

// Run reads stdin to its end.
func (t *Tokens) Run(_ context.Context, s *Streams) error {
	tok, err := t.open()
	if err != nil {
		return err
	}
	return RunTokens(tok, rule(tok), t.Lenient, s.In, s.Out)
}
