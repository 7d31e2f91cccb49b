package tokenizer

import "errors"

// fieldError is an error with the path of the field it happened in, like vocab[300].token_bytes.
type fieldError struct {
	path string
	err  error
}

func (e *fieldError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// at puts a field's name, or [index], in front of the path of an error.
func at(name string, err error) error {
	inner, ok := errors.AsType[*fieldError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return &fieldError{name, err}
	case inner.path[0] == '[':
		return &fieldError{name + inner.path, inner.err}
	default:
		return &fieldError{name + "." + inner.path, inner.err}
	}
}
