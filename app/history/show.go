package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
)

// shown numbers the histories in memory: each has a name of its own.
var shown atomic.Int64

// show opens a history that cannot be written, because the disk is full say: all
// of it is read into memory and shown from there.
func (s *Store) show(why error) error {
	memory := &Store{dir: s.dir, file: s.file}
	if err := memory.openMemory(); err != nil {
		return why
	}
	if err := memory.fillFrom(s); err != nil {
		memory.Close()
		return why
	}
	if s.db != nil {
		s.db.Close()
	}
	s.db = memory.db
	_ = s.recoverTurns() // in memory alone; what is not whole is left out
	s.closed = "the history can only be read now; free some space, check who owns " + s.dir + " and start Sirocco again"
	cause := "it cannot be written"
	switch {
	case errors.Is(why, ErrFull):
		cause = "the disk is full"
	case damaged(why):
		cause = "it is damaged"
	}
	s.notice = fmt.Sprintf("The history is shown as it was, but nothing new is kept: %s (%s). Free some space or check who owns the folder, and start Sirocco again.%s", cause, s.dir, s.notice)
	return nil
}

// fillFrom reads everything of a history: whole, or row by row where SQLite refuses.
func (s *Store) fillFrom(old *Store) error {
	if err := s.migrate(); err != nil {
		return err
	}
	_, err := s.salvage(old.file)
	return err
}

// openMemory opens an empty database in memory that all connections share.
func (s *Store) openMemory() error {
	name := fmt.Sprintf("file:/sirocco-shown-%d?vfs=memdb&_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)", shown.Add(1))
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	db.SetMaxIdleConns(4) // the database lives as long as one connection does
	s.db = db
	return db.PingContext(context.Background())
}
