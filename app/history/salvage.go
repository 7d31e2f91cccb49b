package history

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// saved counts what a damaged history still had.
type saved struct{ conversations, messages, lost int }

func (c saved) String() string {
	return fmt.Sprintf("%d conversations with %d messages were saved, %d places could not be read", c.conversations, c.messages, c.lost)
}

// remains are the rows of a damaged database by their tables and ids.
type remains struct {
	conversations, messages, turns map[int64][]any
	pieces                         map[[2]int64][]any
	lost                           int
}

// salvage copies every row that can be read from the database at path.
func (s *Store) salvage(path string) (count saved, err error) {
	p, err := readPages(path)
	if err != nil {
		return count, err
	}
	r := &remains{map[int64][]any{}, map[int64][]any{}, map[int64][]any{}, map[[2]int64][]any{}, 0}
	p.each(r.sort)
	r.mend()
	err = s.change("saving what can be read of the history", r.write)
	return saved{len(r.conversations), len(r.messages), p.lost + r.lost}, err
}

// sort finds out by its columns which table a row belongs to.
func (r *remains) sort(kind byte, row found) {
	v := row.values
	keep := func(table map[int64][]any) {
		if table[row.id] == nil && row.id > 0 {
			v[0] = row.id
			table[row.id] = v
		}
	}
	switch {
	case kind != tableLeaf && fits(v, "iit"), kind != tableLeaf && fits(v, "iib"):
		r.pieces[[2]int64{v[0].(int64), v[1].(int64)}] = v
	case kind != tableLeaf:
	case fits(v, "-tiiiais"):
		keep(r.conversations)
	case fits(v, "-iitstti"):
		v = append(v, int64(0))
		r.keepMessage(keep, v)
	case fits(v, "-iitsttii"):
		r.keepMessage(keep, v)
	case fits(v, "-iiiba"):
		keep(r.turns)
	}
}

func (r *remains) keepMessage(keep func(map[int64][]any), v []any) {
	if len(v) != 9 {
		r.lost++
		return
	}
	if json.Unmarshal(bytesOf(v[4]), new(stored)) != nil {
		r.lost++ // its words are there a second time, for the search
		body, err := json.Marshal(textOnly(string(bytesOf(v[3])), string(bytesOf(v[5]))))
		if err != nil {
			return
		}
		v[4] = body
	}
	keep(r.messages)
}

// fits compares values with letters: - nothing, i a number, t a text, b bytes, s
// a text or bytes, a anything.
func fits(values []any, letters string) bool {
	if len(values) != len(letters) {
		return false
	}
	for i, v := range values {
		letter := byte('-')
		switch v.(type) {
		case int64:
			letter = 'i'
		case string:
			letter = 't'
		case []byte:
			letter = 'b'
		}
		want := letters[i]
		if want != letter && want != 'a' && (want != 's' || letter != 't' && letter != 'b') {
			return false
		}
	}
	return true
}

func bytesOf(v any) []byte {
	if text, ok := v.(string); ok {
		return []byte(text)
	}
	data, _ := v.([]byte)
	return data
}

// mend puts something in the place of rows that others need: a conversation of
// messages that are left gets a line without a title, and an answer whose
// question is lost follows the message before.
func (r *remains) mend() {
	last := map[int64]int64{} // of each conversation
	for _, id := range slices.Sorted(maps.Keys(r.messages)) {
		m := r.messages[id]
		conversation, parent := m[1].(int64), m[2].(int64)
		if r.conversations[conversation] == nil {
			r.conversations[conversation] = []any{conversation, "", int64(0), m[7], m[7], nil, int64(0), "{}"}
		}
		if p := r.messages[parent]; parent != 0 && (parent >= id || p == nil || p[1] != m[1]) {
			m[2] = last[conversation]
		}
		last[conversation] = id
	}
	for id, c := range r.conversations {
		if m := r.messages[c[6].(int64)]; m == nil || m[1] != id {
			c[6] = last[id]
		}
	}
}

// write adds everything to a new database.
func (r *remains) write(tx *sql.Tx) error {
	for _, c := range r.conversations {
		if _, err := tx.Exec("INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", c...); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.messages)) {
		if err := r.writeMessage(tx, id); err != nil {
			return err
		}
	}
	for _, t := range r.turns {
		if r.conversations[t[1].(int64)] == nil {
			continue
		}
		if _, err := tx.Exec("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", t...); err != nil {
			return err
		}
	}
	for key, piece := range r.pieces {
		if t := r.turns[key[0]]; t == nil || t[5] != nil || r.conversations[t[1].(int64)] == nil {
			continue
		}
		if _, err := tx.Exec("INSERT INTO pieces VALUES (?, ?, ?)", piece...); err != nil {
			return err
		}
	}
	return nil
}

func (r *remains) writeMessage(tx *sql.Tx, id int64) error {
	m := r.messages[id]
	_, err := tx.Exec(`INSERT INTO messages (id, conversation, parent, role, body, text, finish, created, turn)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, m...)
	if err != nil {
		return err
	}
	var body stored
	if err := json.Unmarshal(bytesOf(m[4]), &body); err != nil {
		return err
	}
	for _, hash := range body.hashes() {
		if _, err := tx.Exec("INSERT OR IGNORE INTO message_pictures VALUES (?, ?)", id, hash); err != nil {
			return err
		}
	}
	return nil
}
