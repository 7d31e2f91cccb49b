package history

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"

	"sirocco/model/chat"
)

// Tail reads the events of a turn from number from on, for somebody who follows
// it while it runs. ended is true when no more will come.
func (s *Store) Tail(turn int64, from int) (events []chat.Timed, ended bool, err error) {
	doing := fmt.Sprintf("following turn %d", turn)
	var packed []byte
	err = s.db.QueryRow("SELECT events FROM turns WHERE id = ?", turn).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, true, fmt.Errorf("%s: it is not in the history", doing)
	}
	if err != nil {
		return nil, false, s.fault(doing, err)
	}
	if packed != nil {
		lines, err := unpack(packed)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", doing, err)
		}
		events, err := s.parseEvents(skipLines(lines, from))
		return events, true, err
	}
	lines, err := piecesAfter(s.db, turn, from)
	if err != nil {
		return nil, false, s.fault(doing, err)
	}
	events, err = s.parseEvents(lines)
	return events, false, err
}

// skipLines leaves the first n lines out.
func skipLines(lines []byte, n int) []byte {
	for ; n > 0; n-- {
		end := bytes.IndexByte(lines, '\n')
		if end < 0 {
			return nil
		}
		lines = lines[end+1:]
	}
	return lines
}

// Owner says which conversation a turn belongs to and which turn of the same
// conversation came before it, 0 for none.
func (s *Store) Owner(turn int64) (conversation, before int64, err error) {
	err = s.db.QueryRow(`SELECT conversation, COALESCE((SELECT max(b.id) FROM turns b WHERE b.conversation = turns.conversation AND b.id < turns.id), 0)
		FROM turns WHERE id = ?`, turn).Scan(&conversation, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, fmt.Errorf("turn %d is not in the history", turn)
	}
	return conversation, before, s.fault("reading a turn", err)
}
