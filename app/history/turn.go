package history

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sirocco/model/chat"
)

// Interrupted is the Finish of an answer whose program died.
const Interrupted = "interrupted"

// Recording writes one turn while it happens: each event at once, a token together
// with the words it brings, so that a killed program loses at most the token being
// written. The
// messages the events stand for are added as they become whole. Its methods may
// be called by one goroutine at a time or several.
type Recording struct {
	store              *Store
	id, conversation   int64
	parent, lastAnswer int64
	began              time.Time

	mu      sync.Mutex
	seq     int64
	waiting []piece // tokens whose words, which the next event brings, are not here yet
	fold    fold
}

// piece is an event as it is written while the turn runs.
type piece struct {
	seq  int64
	line []byte
}

// Record begins a turn: the answer to a request, whose messages will follow the
// message parent. The request is kept as it is, its pictures by content.
func (s *Store) Record(conversation, parent int64, request *chat.Request) (*Recording, error) {
	packed, err := s.packRequest(request)
	if err != nil {
		return nil, err
	}
	r := &Recording{store: s, conversation: conversation, parent: parent, began: time.Now()}
	err = s.change("recording an answer", func(tx *sql.Tx) error {
		if err := checkParent(tx, conversation, parent); err != nil {
			return err
		}
		result, err := tx.Exec("INSERT INTO turns (conversation, parent, created, request) VALUES (?, ?, ?, ?)", conversation, parent, now(), packed)
		if err == nil {
			r.id, err = result.LastInsertId()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// ID is the turn's, for Store.Turn.
func (r *Recording) ID() int64 { return r.id }

// Add keeps one event. After an error the answer may go on: later events and
// Close save what they can.
func (r *Recording) Add(e chat.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.add(chat.Timed{At: time.Since(r.began), Event: e})
}

func (r *Recording) add(e chat.Timed) error {
	kept, err := r.store.detachEvent(e)
	if err != nil {
		return err
	}
	line, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("recording an answer: %w", err)
	}
	finished, err := r.detached(r.fold.step(e.Event))
	if err != nil {
		return err
	}
	r.seq++
	r.waiting = append(r.waiting, piece{r.seq, line})
	if e.Kind == chat.KindToken && len(finished) == 0 {
		return nil
	}
	return r.save("recording an answer", finished)
}

// save writes what waits and what the events completed; what cannot be written now
// waits on.
func (r *Recording) save(doing string, finished []ready) error {
	err := r.store.change(doing, func(tx *sql.Tx) error { return r.write(tx, finished) })
	if err == nil {
		r.waiting = r.waiting[:0]
	}
	return err
}

// write adds what waits, then what the events completed.
func (r *Recording) write(tx *sql.Tx, finished []ready) error {
	for pieces := range slices.Chunk(r.waiting, 100) { // in one statement, because each is compiled anew
		values := make([]any, 0, 3*len(pieces))
		for _, p := range pieces {
			values = append(values, r.id, p.seq, p.line)
		}
		if _, err := tx.Exec("INSERT INTO pieces VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", len(pieces)-1), values...); err != nil {
			return err
		}
	}
	return r.insert(tx, finished)
}

// ready is something made, its pictures in their files.
type ready struct {
	message *stored
	finish  string
}

func (r *Recording) detached(list []made) (out []ready, err error) {
	for _, m := range list {
		if m.message == nil {
			out = append(out, ready{finish: m.finish})
			continue
		}
		message, err := r.store.detach(*m.message)
		if err != nil {
			return nil, err
		}
		out = append(out, ready{&message, m.finish})
	}
	return out, nil
}

// insert adds what the events completed to the tree.
func (r *Recording) insert(tx *sql.Tx, finished []ready) error {
	for _, f := range finished {
		if f.message == nil {
			if _, err := tx.Exec("UPDATE messages SET finish = ? WHERE id = ?", f.finish, r.lastAnswer); err != nil {
				return err
			}
			continue
		}
		id, err := r.store.insert(tx, r.conversation, node{parent: r.parent, turn: r.id, created: now(), finish: f.finish, message: *f.message})
		if err != nil {
			return err
		}
		r.parent = id
		if f.message.Role == chat.Assistant {
			r.lastAnswer = id
		}
	}
	return nil
}

// Close ends the turn and packs its events. An answer without an end, because
// the engine failed, is kept as far as it came.
func (r *Recording) Close() error { return r.close(chat.FinishCancelled) }

func (r *Recording) close(finish string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	finished, err := r.detached(r.fold.end(finish))
	if err != nil {
		return err
	}
	if err := r.save("saving an answer", finished); err != nil {
		return err // the turn stays open: the next start puts the answer together from its pieces
	}
	return r.store.packEvents(r.id)
}
