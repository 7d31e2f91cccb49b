package tokenizer

import "unicode/utf8"

// Decode gives the text of ids. Special ids and ids that do not exist are left out; they also end a character, so
// that half a character before one becomes U+FFFD, as in mistral-common.
func (t *Tokenizer) Decode(ids []int32) string {
	var out, run []byte
	for _, id := range ids {
		if bytes := t.Bytes(id); bytes != nil {
			run = append(run, bytes...)
			continue
		}
		out = appendReplaced(out, run)
		run = run[:0]
	}
	return string(appendReplaced(out, run))
}

// Piece is an id for display: a special token's name, or its bytes as text with U+FFFD for parts of characters.
// It is empty for ids that do not exist.
func (t *Tokenizer) Piece(id int32) string {
	if t.IsSpecial(id) {
		return t.special[id]
	}
	start, end, ok := t.span(id)
	if !ok {
		return ""
	}
	if piece := t.text[start:end]; utf8.ValidString(piece) {
		return piece
	}
	return string(appendReplaced(nil, t.bytes[start:end]))
}

// Decoder turns ids into text as they come. What all its calls return, one after the other, is what Decode gives
// for the same ids. It is for one goroutine.
type Decoder struct {
	t       *Tokenizer
	pending []byte // the beginning of a character whose other bytes have not come yet; at most 3
	scratch []byte
}

// NewDecoder starts a text.
func (t *Tokenizer) NewDecoder() *Decoder { return &Decoder{t: t} }

// Push takes the next id and gives the text that is certain now: bytes of an unfinished character are held back.
func (d *Decoder) Push(id int32) string {
	start, end, ok := d.t.span(id)
	if !ok {
		return d.Flush()
	}
	if len(d.pending) == 0 {
		if piece := d.t.text[start:end]; utf8.ValidString(piece) {
			return piece
		}
	}
	d.pending = append(d.pending, d.t.bytes[start:end]...)
	whole, rest := appendWhole(d.scratch[:0], d.pending)
	d.scratch = whole
	d.pending = d.pending[:copy(d.pending, rest)]
	return string(whole)
}

// Flush ends the text: U+FFFD if it stops inside a character, else nothing.
func (d *Decoder) Flush() string {
	if len(d.pending) == 0 {
		return ""
	}
	d.pending = d.pending[:0]
	return replacement
}

// Reset forgets what is held back.
func (d *Decoder) Reset() { d.pending = d.pending[:0] }
