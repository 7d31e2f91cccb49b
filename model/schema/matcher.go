package schema

import (
	"fmt"
	"sync"
	"unicode/utf8"
)

// Matcher follows one text token by token. It belongs to one goroutine; so do all its clones together.
type Matcher struct {
	e       *engine
	home    *pool
	now     snapshot
	history []snapshot
	raw     []byte // the text so far
}

// snapshot is where a matcher stands after a token.
type snapshot struct {
	state  *state
	spaces int32 // white space just read
	length int32 // of the text
	key    int32 // where the property name that is open begins in the text
}

// pool keeps the engines of matchers that are done, so that the next one finds its states and masks made.
type pool struct {
	sync.Mutex
	idle []*engine
}

// maxIdle bounds the engines kept for one schema.
const maxIdle = 8

// Start is a matcher at the beginning of a text.
func (s *Schema) Start(v *Vocabulary) *Matcher {
	m := &Matcher{home: &s.pool, e: s.pool.acquire(v)}
	if m.e == nil {
		m.e = newEngine(s.root, v)
	}
	m.e.users = 1
	m.now = snapshot{state: m.e.start()}
	return m
}

func (p *pool) acquire(v *Vocabulary) *engine {
	p.Lock()
	defer p.Unlock()
	for i, e := range p.idle {
		if e.vocab == v {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return e
		}
	}
	return nil
}

// Release gives back what the matcher has found out, for the next Start. The matcher must not be used after it.
func (m *Matcher) Release() {
	if m.e == nil {
		return
	}
	if m.e.users--; m.e.users == 0 {
		m.home.Lock()
		if len(m.home.idle) < maxIdle {
			m.home.idle = append(m.home.idle, m.e)
		}
		m.home.Unlock()
	}
	m.e = nil
}

// Clone is a second matcher at the same place, sharing what is found out (and so the goroutine).
func (m *Matcher) Clone() *Matcher {
	m.e.users++
	c := *m
	c.history, c.raw = append([]snapshot(nil), m.history...), append([]byte(nil), m.raw...)
	return &c
}

// Reset goes back to the beginning of a text.
func (m *Matcher) Reset() {
	m.history, m.raw, m.now = m.history[:0], m.raw[:0], snapshot{state: m.e.start()}
}

// Mask writes one bit per token id into dst, of Vocabulary.Words() words: set where the token may come next. The end token is
// allowed where the text may end.
func (m *Matcher) Mask(dst []uint32) {
	copy(dst, m.e.maskOf(m.now.state))
	if m.now.spaces == 0 {
		return
	}
	for _, t := range m.e.vocab.spaced {
		if t.n+m.now.spaces <= maxSpace {
			break
		}
		dst[t.id>>5] &^= 1 << (t.id & 31)
	}
}

// Allowed says whether the token may come next.
func (m *Matcher) Allowed(id int32) bool {
	if id == m.e.vocab.end && id >= 0 {
		return m.CanEnd()
	}
	if id < 0 || int(id) >= m.e.vocab.size {
		return false
	}
	b := m.e.vocab.tokens.Bytes(id)
	s, spaces := m.now.state, m.now.spaces
	for _, c := range b {
		if s = m.e.after(s, c); s == dead {
			return false
		}
		if spaces = run(s, spaces, c); spaces > maxSpace {
			return false
		}
	}
	return len(b) > 0
}

// run counts white space outside strings.
func run(s *state, before int32, b byte) int32 {
	if s.loose && isSpace(b) {
		return before + 1
	}
	return 0
}

// Accept moves on by one token, which must be allowed; on an error the matcher stays where it was. The end token is accepted where
// the text may end and changes nothing.
func (m *Matcher) Accept(id int32) error {
	if id == m.e.vocab.end && id >= 0 {
		if !m.CanEnd() {
			return fmt.Errorf("the text cannot end yet")
		}
		m.history = append(m.history, m.now)
		return nil
	}
	if id < 0 || int(id) >= m.e.vocab.size || len(m.e.vocab.tokens.Bytes(id)) == 0 {
		return fmt.Errorf("token %d is not text", id)
	}
	return m.read(m.e.vocab.tokens.Bytes(id))
}

// AcceptText moves on by bytes that need not be tokens, as one step of Rollback.
func (m *Matcher) AcceptText(b []byte) error { return m.read(b) }

func (m *Matcher) read(b []byte) error {
	if len(m.e.states) > maxStates {
		m.evict()
	}
	before := m.now
	for i, c := range b {
		if err := m.readByte(c); err != nil {
			m.raw, m.now = m.raw[:before.length], before
			return fmt.Errorf("byte %d of %q is not allowed here", i, b)
		}
	}
	m.history = append(m.history, before)
	return nil
}

func (m *Matcher) readByte(c byte) error {
	s := m.now.state
	var next *state
	if c == '"' && s.text && s.frames[0].kind == inKey && s.frames[0].mode == plain {
		m.e.keyText = m.e.decode(m.raw[m.now.key:])
		next = m.e.find(s, c)
		m.e.keyText = nil
	} else {
		next = m.e.after(s, c)
	}
	spaces := int32(0)
	if next != dead {
		spaces = run(next, m.now.spaces, c)
	}
	if next == dead || spaces > maxSpace {
		return errNotAllowed
	}
	m.raw = append(m.raw, c)
	m.now.state, m.now.spaces, m.now.length = next, spaces, int32(len(m.raw))
	if c == '"' && !s.text && next.text && next.frames[0].kind == inKey {
		m.now.key = m.now.length
	}
	return nil
}

var errNotAllowed = fmt.Errorf("not allowed")

// decode is the property name that a text between quotation marks spells; the result lives until the next call and is never nil.
func (e *engine) decode(raw []byte) []byte {
	if e.name == nil {
		e.name = make([]byte, 0, 64)
	}
	e.name = e.name[:0]
	mode := plain
	for _, b := range raw {
		next, r, done, _ := readChar(mode, b)
		if done {
			e.name = utf8.AppendRune(e.name, r)
		}
		mode = next
	}
	return e.name
}

// evict lets the engine forget. Clones find their way back by themselves: a state holds all it needs.
func (m *Matcher) evict() {
	keep := make([]*state, 0, len(m.history)+1)
	for _, h := range m.history {
		keep = append(keep, h.state)
	}
	keep = m.e.evict(append(keep, m.now.state))
	for i := range m.history {
		m.history[i].state = keep[i]
	}
	m.now.state = keep[len(keep)-1]
}

// CanEnd says whether the text so far is complete.
func (m *Matcher) CanEnd() bool { return m.now.state.end }

// Rollback takes back the last n accepted tokens; it goes no further back than the beginning.
func (m *Matcher) Rollback(n int) {
	if n = min(n, len(m.history)); n <= 0 {
		return
	}
	m.now = m.history[len(m.history)-n]
	m.history = m.history[:len(m.history)-n]
	m.raw = m.raw[:m.now.length]
}

// Text is what has been accepted so far; it is valid until the next call.
func (m *Matcher) Text() []byte { return m.raw }
