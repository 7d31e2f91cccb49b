package history

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sirocco/model/chat"
)

// Session is a turn as it was: what was asked and everything that happened.
type Session struct {
	ID, Conversation int64
	Parent           int64 // the message that was answered
	Created          time.Time
	Request          *chat.Request
	Events           []chat.Timed
	Ended            bool // no more events will come
}

// Turns lists the turns of a conversation in their order.
func (s *Store) Turns(conversation int64) (ids []int64, err error) {
	rows, err := s.db.Query("SELECT id FROM turns WHERE conversation = ? ORDER BY id", conversation)
	if err != nil {
		return nil, s.fault("listing the turns", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, s.fault("listing the turns", err)
		}
		ids = append(ids, id)
	}
	return ids, s.fault("listing the turns", rows.Err())
}

// Turn reads one, also while it is still being recorded. What cannot be read of
// its events is an error that comes with the events before.
func (s *Store) Turn(id int64) (*Session, error) {
	doing := fmt.Sprintf("reading turn %d", id)
	session := &Session{ID: id}
	var created int64
	var request, events []byte
	err := s.db.QueryRow("SELECT conversation, parent, created, request, events FROM turns WHERE id = ?", id).
		Scan(&session.Conversation, &session.Parent, &created, &request, &events)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s: it is not in the history", doing)
	}
	if err != nil {
		return nil, s.fault(doing, err)
	}
	session.Ended = events != nil
	session.Created = time.UnixMilli(created)
	if session.Request, err = s.unpackRequest(request); err != nil {
		return nil, fmt.Errorf("%s: its question: %w", doing, err)
	}
	lines, err := s.lines(id, events)
	if err != nil {
		return session, fmt.Errorf("%s: its events: %w", doing, s.fault(doing, err))
	}
	if session.Events, err = s.parseEvents(lines); err != nil {
		return session, fmt.Errorf("%s: %w", doing, err)
	}
	return session, nil
}

// lines are a turn's events: packed, or piece by piece while it runs.
func (s *Store) lines(turn int64, packed []byte) ([]byte, error) {
	if packed == nil {
		return piecesOf(s.db, turn)
	}
	return unpack(packed)
}

// recoverTurns ends the turns that a crash left open: messages that were not
// whole yet are put together from the events that were saved.
func (s *Store) recoverTurns() error {
	open, err := s.openTurns()
	if err != nil {
		return err
	}
	for _, r := range open {
		if err := s.resume(r); err != nil {
			return err
		}
		if err := r.close(Interrupted); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) openTurns() (list []*Recording, err error) {
	rows, err := s.db.Query(`SELECT id, conversation, parent,
		COALESCE((SELECT max(m.id) FROM messages m WHERE m.turn = turns.id AND m.conversation = turns.conversation), parent)
		FROM turns WHERE events IS NULL`)
	if err != nil {
		return nil, s.fault("recovering answers", err)
	}
	defer rows.Close()
	for rows.Next() {
		r := &Recording{store: s}
		var asked int64
		if err := rows.Scan(&r.id, &r.conversation, &asked, &r.parent); err != nil {
			return nil, s.fault("recovering answers", err)
		}
		list = append(list, r)
	}
	return list, s.fault("recovering answers", rows.Err())
}

// resume brings a recording to where the crash found it. Messages made on the
// way are in the tree already: they were saved together with their event.
func (s *Store) resume(r *Recording) error {
	lines, err := piecesOf(s.db, r.id)
	if err != nil {
		return s.fault("recovering an answer", err)
	}
	events, err := s.parseEvents(lines)
	for _, e := range events {
		r.fold.step(e.Event)
	}
	return err
}
