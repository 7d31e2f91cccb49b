package history

import (
	"database/sql"
	"strings"
	"time"
)

// Asked is a turn as a line of a list.
type Asked struct {
	ID, Conversation int64
	Title            string // of its conversation
	Number           int    // of the turn in its conversation, from 1
	Created          time.Time
	Question, Answer string // the message that was answered, and the last words said
}

// askedLimit is how many turns a list has at most.
const askedLimit = 200

// FindTurns lists turns, newest first. With a query these are the turns whose
// question or answer, or whose conversation's title, contains every word of it.
// Without, they are those of the conversation first that is named, then of the rest.
func (s *Store) FindTurns(query string, first int64) ([]Asked, error) {
	words := wordsOf(query)
	where, args := "1", []any{}
	if len(words) > 0 {
		hits, err := s.Search(query)
		if err != nil || len(hits) == 0 {
			return nil, err
		}
		where = "t.conversation IN (?" + strings.Repeat(", ?", len(hits)-1) + ")"
		for _, h := range hits {
			args = append(args, h.Conversation)
		}
	}
	rows, err := s.db.Query(`SELECT t.id, t.conversation, c.title, t.created,
		(SELECT count(*) FROM turns b WHERE b.conversation = t.conversation AND b.id <= t.id),
		COALESCE((SELECT text FROM messages WHERE id = t.parent), ''),
		COALESCE((SELECT text FROM messages m WHERE m.conversation = t.conversation AND m.turn = t.id AND m.text <> '' AND m.role = 'assistant' ORDER BY m.id DESC LIMIT 1), '')
		FROM turns t JOIN conversations c ON c.id = t.conversation
		WHERE c.deleted IS NULL AND `+where+` ORDER BY t.conversation = ? DESC, t.id DESC LIMIT ?`, append(args, first, askedLimit)...)
	if err != nil {
		return nil, s.fault("listing turns", err)
	}
	defer rows.Close()
	list, err := readAsked(rows)
	if err != nil {
		return nil, s.fault("listing turns", err)
	}
	return fitting(list, words), nil
}

func readAsked(rows *sql.Rows) (list []Asked, err error) {
	for rows.Next() {
		var a Asked
		var created int64
		if err := rows.Scan(&a.ID, &a.Conversation, &a.Title, &created, &a.Number, &a.Question, &a.Answer); err != nil {
			return nil, err
		}
		a.Created = time.UnixMilli(created)
		list = append(list, a)
	}
	return list, rows.Err()
}

// fitting are the turns of which every word is said. A conversation that was found
// by a message of no turn, such as one that was imported, keeps all of its own.
func fitting(list []Asked, words []string) (fit []Asked) {
	says := func(a Asked) bool {
		for _, word := range words {
			if at, _ := find(a.Title+"\n"+a.Question+"\n"+a.Answer, word); at < 0 {
				return false
			}
		}
		return true
	}
	any := map[int64]bool{}
	for _, a := range list {
		any[a.Conversation] = any[a.Conversation] || says(a)
	}
	for _, a := range list {
		if says(a) || !any[a.Conversation] {
			fit = append(fit, a)
		}
	}
	return fit
}
