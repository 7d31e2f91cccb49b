package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// Session is a saved turn: what was asked, what happened, and what is expected
// when it is asked again. docs/session.schema.json describes the file.
type Session struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Title   string    `json:"title,omitempty"`
	Created time.Time `json:"created"`
	// About says which model answered, on which device.
	About chat.About `json:"about"`
	// Request is an OpenAI chat-completion request; the address of a picture may
	// be "sha256:…", to be found in Pictures or beside the file.
	Request json.RawMessage `json:"request"`
	// NoGuard turned the guard against repetition off.
	NoGuard bool         `json:"no_guard,omitempty"`
	Events  []chat.Timed `json:"events,omitempty"`
	// Looks are where the model looked when it chose tokens that somebody asked about.
	Looks  []StoredAttention `json:"looks,omitempty"`
	Expect []Expect          `json:"expect,omitempty"`
	// Redacted counts the secrets that were taken out.
	Redacted int               `json:"redacted,omitempty"`
	Pictures map[string][]byte `json:"pictures,omitempty"` // by SHA-256
}

const (
	sessionFormat  = "sirocco-session"
	sessionVersion = 1
	byHash         = "sha256:"
)

// NewSession makes a file's content out of a turn. With embed the pictures are
// inside, else they are only named by their hash.
func NewSession(title string, created time.Time, about chat.About, request *chat.Request, events []chat.Timed, embed bool) (*Session, error) {
	s := &Session{Format: sessionFormat, Version: sessionVersion, Title: title, Created: created, About: about, NoGuard: request.NoGuard}
	var err error
	s.Request, err = openai.WriteChat(request, about.Model.Name, func(image *chat.Image) string {
		return byHash + s.add(image.Data, embed)
	})
	if err != nil {
		return nil, fmt.Errorf("saving a session: %w", err)
	}
	for _, e := range events {
		s.Events = append(s.Events, s.slim(e, embed))
	}
	return s, nil
}

// add names a picture, and holds it if the file is to.
func (s *Session) add(data []byte, embed bool) string {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if embed {
		if s.Pictures == nil {
			s.Pictures = map[string][]byte{}
		}
		s.Pictures[hash] = data
	}
	return hash
}

// slim takes out of an event what the file says elsewhere: the tokens that a sum
// repeats, and the bytes of pictures.
func (s *Session) slim(e chat.Timed, embed bool) chat.Timed {
	switch e.Kind {
	case chat.KindDone:
		done := *e.Done
		done.Tokens = nil
		e.Done = &done
	case chat.KindResult:
		result := *e.Result
		result.Pictures = nil
		for _, p := range e.Result.Pictures {
			result.Pictures = append(result.Pictures, chat.Image{Name: p.Name, Data: []byte(byHash + s.add(p.Data, embed))})
		}
		e.Result = &result
	case chat.KindMessage:
		message := *e.Message
		message.Parts = append([]chat.Part(nil), message.Parts...)
		for i, p := range message.Parts {
			if p.Image != nil {
				message.Parts[i].Image = &chat.Image{Name: p.Image.Name, Data: []byte(byHash + s.add(p.Image.Data, embed))}
			}
		}
		e.Message = &message
	}
	return e
}

// Write is the file.
func (s *Session) Write() ([]byte, error) {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, fmt.Errorf("saving a session: %w", err)
	}
	return append(data, '\n'), nil
}

// ReadSession parses a file of unknown origin and checks what it can without
// running it.
func ReadSession(data []byte) (*Session, error) {
	var s Session
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("it is not a session file: %w", err)
	}
	return &s, s.check()
}

// check refuses what cannot be run.
func (s *Session) check() error {
	switch {
	case s.Format != sessionFormat:
		return fmt.Errorf("its \"format\" is %q; %q was expected", s.Format, sessionFormat)
	case s.Version < 1 || s.Version > sessionVersion:
		return fmt.Errorf("its version is %d; this Sirocco knows %d", s.Version, sessionVersion)
	case len(s.Request) == 0:
		return errors.New("it has no \"request\"")
	}
	for i, e := range s.Expect {
		if err := e.check(); err != nil {
			return fmt.Errorf("expect[%d]: %w", i, err)
		}
	}
	return nil
}

// Collection is several sessions in one file.
type Collection struct {
	Format   string     `json:"format"`
	Version  int        `json:"version"`
	Title    string     `json:"title,omitempty"`
	Sessions []*Session `json:"sessions"`
}

const collectionFormat = "sirocco-collection"

// ReadCollection parses a file with one session or a collection of them; single
// says which it is.
func ReadCollection(data []byte) (c *Collection, single bool, err error) {
	c = &Collection{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, false, fmt.Errorf("it is not a session file: %w", err)
	}
	if c.Format != collectionFormat {
		s, err := ReadSession(data)
		return &Collection{Sessions: []*Session{s}}, true, err
	}
	if c.Version < 1 || c.Version > sessionVersion {
		return nil, false, fmt.Errorf("its version is %d; this Sirocco knows %d", c.Version, sessionVersion)
	}
	for i, s := range c.Sessions {
		if s == nil {
			return nil, false, fmt.Errorf("sessions[%d] is null", i)
		}
		if err := s.check(); err != nil {
			return nil, false, fmt.Errorf("sessions[%d]: %w", i, err)
		}
	}
	return c, false, nil
}

// ChatRequest is the session's request with its pictures; find gets one that is
// not in the file by its hash, and may be nil.
func (s *Session) ChatRequest(find func(hash string) ([]byte, error)) (*chat.Request, error) {
	var tree any
	decoder := json.NewDecoder(strings.NewReader(string(s.Request)))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("its request is not JSON: %w", err)
	}
	// ParseChat keeps the order of keys that a decoded tree has lost, so the tree
	// only tells which addresses there are.
	text := string(s.Request)
	for _, address := range addresses(tree) {
		image, err := s.picture(strings.TrimPrefix(address, byHash), find)
		if err != nil {
			return nil, err
		}
		text = strings.ReplaceAll(text, `"`+address+`"`, `"`+openai.DataURL(&chat.Image{Data: image})+`"`)
	}
	parsed, err := openai.ParseChat([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("its request: %w", err)
	}
	request := parsed.Chat
	request.NoGuard = s.NoGuard
	return &request, nil
}

// addresses are the pictures named by hash anywhere in a request.
func addresses(tree any) (list []string) {
	switch v := tree.(type) {
	case map[string]any:
		if url, ok := v["url"].(string); ok && strings.HasPrefix(url, byHash) {
			list = append(list, url)
		}
		for _, child := range v {
			list = append(list, addresses(child)...)
		}
	case []any:
		for _, child := range v {
			list = append(list, addresses(child)...)
		}
	}
	return list
}

// picture finds the bytes of a hash and checks that they are its.
func (s *Session) picture(hash string, find func(string) ([]byte, error)) ([]byte, error) {
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("a picture is named %q, which is no SHA-256", hash)
	}
	data, ok := s.Pictures[hash]
	if !ok {
		if find == nil {
			return nil, fmt.Errorf("the picture %.12s… is not in the file", hash)
		}
		var err error
		if data, err = find(hash); err != nil {
			return nil, fmt.Errorf("the picture %.12s… is neither in the file nor in a folder \"pictures\" beside it: %w", hash, err)
		}
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("the picture %.12s… is not the one its name says; it was changed or damaged", hash)
	}
	return data, nil
}

// Turn is the saved turn as the inspector shows it.
func (s *Session) Turn(request *chat.Request) *Turn {
	events := make([]chat.Timed, len(s.Events))
	for i, e := range s.Events {
		if e.Kind == chat.KindResult {
			result := *e.Result
			result.Pictures = append([]chat.Image(nil), result.Pictures...)
			for k, p := range result.Pictures {
				result.Pictures[k].Data = s.Pictures[strings.TrimPrefix(string(p.Data), byHash)]
			}
			e.Result = &result
		}
		events[i] = e
	}
	t := FromEvents(request, events)
	t.addStored(s.Looks)
	return t
}

// Record replaces what happened by a new run of the same request. Secrets that
// were taken out stay out.
func (s *Session) Record(about chat.About, events []chat.Timed) {
	s.About, s.Created, s.Events, s.Looks = about, time.Now().UTC().Truncate(time.Second), nil, nil
	for _, e := range events {
		if e.Kind != chat.KindLoad && e.Kind != chat.KindPrefill {
			s.Events = append(s.Events, s.slim(e, true))
		}
	}
}
