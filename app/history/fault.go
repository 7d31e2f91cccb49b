package history

import (
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// ErrFull is in errors that a full disk caused.
var ErrFull = errors.New("the disk is full")

// ErrDamaged is in errors about a database that cannot be read any more.
var ErrDamaged = errors.New("the database is damaged")

// fault turns an error of SQLite into a sentence; doing says what was
// attempted. Sentences, and nil, pass through.
func (s *Store) fault(doing string, err error) error {
	var cause *sqlite.Error
	if err == nil || !errors.As(err, &cause) || errors.Is(err, ErrFull) || errors.Is(err, ErrDamaged) {
		return err
	}
	switch cause.Code() & 0xff {
	case code.SQLITE_FULL:
		return fmt.Errorf("%s: %w (%s); what was saved before is safe, free some space and go on", doing, ErrFull, s.dir)
	case code.SQLITE_IOERR:
		return fmt.Errorf("%s: the disk refused (%s): is it full or gone? What was saved before is safe. %w", doing, s.dir, errors.Join(ErrFull, err))
	case code.SQLITE_CORRUPT, code.SQLITE_NOTADB:
		s.mark()
		return fmt.Errorf("%s: %w (%s); open Sirocco again: it keeps a copy and saves what can be read", doing, ErrDamaged, s.file)
	case code.SQLITE_READONLY, code.SQLITE_CANTOPEN, code.SQLITE_PERM, code.SQLITE_AUTH:
		return fmt.Errorf("%s: %s cannot be written; check who owns the folder and its permissions: %w", doing, s.file, err)
	case code.SQLITE_BUSY, code.SQLITE_LOCKED:
		return fmt.Errorf("%s: another program holds %s; close it and try again: %w", doing, s.file, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// oddity takes an error of a database's own making, as a table that is missing
// though the version says it is there, for the damage it is.
func (s *Store) oddity(err error) error {
	var cause *sqlite.Error
	if err == nil || !errors.As(err, &cause) {
		return err
	}
	switch cause.Code() & 0xff {
	case code.SQLITE_ERROR, code.SQLITE_SCHEMA, code.SQLITE_FORMAT, code.SQLITE_MISMATCH, code.SQLITE_TOOBIG:
		return s.broken(cause.Error())
	}
	return err
}

func damaged(err error) bool { return errors.Is(err, ErrDamaged) }

// mark leaves a note beside a database that was found damaged in mid-work, so
// that the next Open repairs it although its first pages may look well.
func (s *Store) mark() {
	if note, err := os.Create(s.file + ".damaged"); err == nil {
		note.Close()
	}
}

func (s *Store) marked() bool {
	_, err := os.Stat(s.file + ".damaged")
	return err == nil
}
