package history

import (
	"database/sql"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hit is a conversation that a search found, with the newest place in it.
type Hit struct {
	Conversation int64
	Title        string
	Message      int64 // 0: it is the title that fits
	// Snippet is a line around the first word found; Start and End are the bytes
	// of that word in it.
	Snippet    string
	Start, End int
}

// searchLimit is how many conversations a search returns.
const searchLimit = 50

// Search finds the conversations whose title, or one message, contains every
// word of the query, newest first.
func (s *Store) Search(query string) ([]Hit, error) {
	words := wordsOf(query)
	if len(words) == 0 {
		return nil, nil
	}
	if len(query) > queryBytes || len(words) > queryWords {
		return nil, fmt.Errorf("searching: the text is too long; search for at most %d words and %d letters", queryWords, queryBytes)
	}
	hits, err := s.searchTitles(words)
	if err != nil {
		return nil, err
	}
	found := map[int64]bool{}
	for _, h := range hits {
		found[h.Conversation] = true
	}
	return s.searchMessages(words, hits, found)
}

// SQLite bounds the size of an expression and of a pattern.
const (
	queryBytes = 10_000
	queryWords = 200
)

// wordsOf are the different words of a query. SQLite's texts end at a NUL, so
// that one separates words.
func wordsOf(query string) (words []string) {
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToValidUTF8(query, " "), func(r rune) bool { return unicode.IsSpace(r) || r == 0 }) {
		if !seen[w] {
			seen[w], words = true, append(words, w)
		}
	}
	return words
}

func (s *Store) searchTitles(words []string) ([]Hit, error) {
	where, args := likeAll("title", words)
	rows, err := s.db.Query("SELECT id, title FROM conversations WHERE deleted IS NULL AND "+where+" ORDER BY updated DESC LIMIT 50", args...)
	if err != nil {
		return nil, s.fault("searching", err)
	}
	defer rows.Close()
	var hits []Hit
	for rows.Next() {
		var h Hit
		if err := rows.Scan(&h.Conversation, &h.Title); err != nil {
			return nil, s.fault("searching", err)
		}
		h.Snippet, h.Start, h.End = snippet(h.Title, words)
		hits = append(hits, h)
	}
	return hits, s.fault("searching", rows.Err())
}

// searchMessages walks from the newest message back until enough conversations
// are found, so that a common word costs no more than a rare one.
func (s *Store) searchMessages(words []string, hits []Hit, found map[int64]bool) ([]Hit, error) {
	rows, err := s.matches(words)
	if err != nil {
		return nil, s.fault("searching", err)
	}
	defer rows.Close()
	for len(hits) < searchLimit && rows.Next() {
		var h Hit
		if err := rows.Scan(&h.Message, &h.Conversation); err != nil {
			return nil, s.fault("searching", err)
		}
		if found[h.Conversation] {
			continue
		}
		found[h.Conversation] = true
		var text string
		var deleted bool
		err := s.db.QueryRow(`SELECT m.text, c.title, c.deleted IS NOT NULL FROM messages m
			JOIN conversations c ON c.id = m.conversation WHERE m.id = ?`, h.Message).Scan(&text, &h.Title, &deleted)
		if err != nil {
			return nil, s.fault("searching", err)
		}
		if !deleted {
			h.Snippet, h.Start, h.End = snippet(text, words)
			hits = append(hits, h)
		}
	}
	return hits, s.fault("searching", rows.Err())
}

// matches are the messages with every word, newest first. The index knows
// sequences of three characters. A shorter word, as Chinese has them, is looked
// up as all sequences that begin with it; where those are too many the word is
// so common that reading messages from the newest on finds enough of it.
func (s *Store) matches(words []string) (*sql.Rows, error) {
	var match, plain []string
	total := 0
	for _, w := range words {
		terms := []string{w}
		if utf8.RuneCountInString(w) < 3 {
			var err error
			if terms, err = s.terms(w); err != nil {
				return nil, err
			}
		}
		if total += len(terms); len(terms) > termLimit || total > termsLimit {
			plain = append(plain, w)
		} else {
			match = append(match, anyOf(terms))
		}
	}
	where, args := likeAll("m.text", plain)
	if len(match) == 0 {
		return s.db.Query("SELECT m.id, m.conversation FROM messages m WHERE "+where+" ORDER BY m.id DESC", args...)
	}
	args = append([]any{strings.Join(match, " AND ")}, args...)
	return s.db.Query(`SELECT m.id, m.conversation FROM search JOIN messages m ON m.id = search.rowid
		WHERE search MATCH ? AND `+where+" ORDER BY search.rowid DESC", args...)
}

// termLimit is how many sequences a short word may stand for.
const termLimit = 200

// termsLimit is how many sequences the words of one query may stand for together.
const termsLimit = 2000

// terms are the sequences in the index that begin with a short word, at most
// one more than the limit.
func (s *Store) terms(word string) ([]string, error) {
	word = strings.ToLower(word)
	rows, err := s.db.Query("SELECT term FROM search_terms WHERE term >= ? AND term < ? LIMIT ?", word, word+string(utf8.MaxRune), termLimit+1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var terms []string
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			return nil, err
		}
		if !strings.ContainsRune(term, 0) { // it would end the expression
			terms = append(terms, term)
		}
	}
	return terms, rows.Err()
}

// anyOf is an expression of the index's language: one of several texts. None is
// a text that no message has.
func anyOf(terms []string) string {
	quoted := []string{"\"\x01\x01\x01\""}
	for _, term := range terms {
		quoted = append(quoted, `"`+strings.ReplaceAll(term, `"`, `""`)+`"`)
	}
	return "(" + strings.Join(quoted, " OR ") + ")"
}

// likeAll is a condition that a column contains every word. LIKE folds ASCII
// letters alone; a word without any is found faster by its bytes.
func likeAll(column string, words []string) (where string, args []any) {
	parts := []string{"1"}
	escape := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
	for _, w := range words {
		if strings.ToLower(w) == strings.ToUpper(w) {
			parts, args = append(parts, "instr("+column+", ?) > 0"), append(args, w)
			continue
		}
		parts, args = append(parts, column+` LIKE ? ESCAPE '\'`), append(args, "%"+escape.Replace(w)+"%")
	}
	return strings.Join(parts, " AND "), args
}

// snippet cuts some forty characters to each side of the first word found.
func snippet(text string, words []string) (line string, start, end int) {
	const around = 40
	at, length := -1, 0
	for _, w := range words {
		if at, length = find(text, w); at >= 0 {
			break
		}
	}
	if at < 0 {
		at = 0
	}
	from, to := at, at+length
	for i := 0; i < around && from > 0; i++ {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
	}
	for i := 0; i < around && to < len(text); i++ {
		_, size := utf8.DecodeRuneInString(text[to:])
		to += size
	}
	// One blank per line break keeps the places of the bytes.
	return strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(text[from:to]), at - from, at - from + length
}

// find is where a word is in a text, whatever its case; the bytes of the text
// count, not those of its lower-case form, which may differ in number.
func find(text, word string) (at, length int) {
	if at := strings.Index(text, word); at >= 0 {
		return at, len(word)
	}
	runes := utf8.RuneCountInString(word)
	for i := range text {
		end := i
		for n := 0; n < runes && end < len(text); n++ {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		if strings.EqualFold(text[i:end], word) {
			return i, end - i
		}
	}
	return -1, 0
}
