package history

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"sync"
)

// checkHeader compares the first bytes of the file with those that this program
// writes: SQLite takes some damage there for a file of another kind, which it
// refuses to write or reads as other text.
func (s *Store) checkHeader() error {
	file, err := os.Open(s.file)
	if err != nil {
		return nil // SQLite says what is wrong, or begins the file
	}
	defer file.Close()
	head := make([]byte, 100)
	if n, _ := file.Read(head); n == 0 {
		return nil
	}
	good := bytes.HasPrefix(head, []byte("SQLite format 3\x00\x10\x00")) &&
		(head[18] == 1 || head[18] == 2) && (head[19] == 1 || head[19] == 2) && bytes.Equal(head[20:24], []byte{0, 64, 32, 32}) &&
		bytes.Equal(head[52:59], make([]byte, 7)) && head[59] <= 1 && bytes.Equal(head[64:92], make([]byte, 28)) &&
		bytes.Equal(head[44:47], make([]byte, 3)) && (head[47] == 4 || head[47] == 0) // 0 before anything is in it
	if good {
		return nil
	}
	return s.broken("its first bytes are damaged")
}

func (s *Store) broken(how string) error {
	return fmt.Errorf("opening the history: %w (%s: %s)", ErrDamaged, s.file, how)
}

// checkLimit is the size up to which a start reads the whole database.
const checkLimit = 256 << 20

// check looks whether the structure of the database is whole.
func (s *Store) check() error {
	if schema, err := schemaOf(s.db); err != nil || schema != wholeSchema() {
		return s.broken("its tables are not as they were made")
	}
	if info, err := os.Stat(s.file); err != nil || info.Size() > checkLimit {
		return nil
	}
	var said string
	if err := s.db.QueryRow("PRAGMA quick_check(1)").Scan(&said); err != nil || said != "ok" {
		return s.broken(said)
	}
	var unreadable int
	if err := s.db.QueryRow("SELECT count(*) FROM messages WHERE NOT json_valid(CAST(body AS TEXT))").Scan(&unreadable); err != nil || unreadable > 0 {
		return s.broken("messages cannot be read")
	}
	return nil
}

// wholeSchema is the newest schema as SQLite tells it.
var wholeSchema = sync.OnceValue(func() string {
	s := &Store{}
	if s.openMemory() != nil {
		return ""
	}
	defer s.Close()
	for _, step := range steps {
		if _, err := s.db.Exec(step); err != nil {
			return ""
		}
	}
	schema, _ := schemaOf(s.db)
	return schema
})

// schemaOf lists the tables, views, indices and triggers, but those that SQLite adds for itself.
func schemaOf(db *sql.DB) (schema string, err error) {
	err = db.QueryRow(`SELECT COALESCE(group_concat(type || ' ' || name || ' ' || tbl_name || ' ' || COALESCE(sql, ''), char(10)), '') FROM
		(SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_stat%' ESCAPE '\' ORDER BY type, name)`).Scan(&schema)
	return schema, err
}
