package history

import (
	"fmt"
	"os"
	"time"
)

// repair copies every row that can still be read into a new database, puts the
// damaged one aside under a name with the time, and goes on with the new one.
func (s *Store) repair(o Options) error {
	if s.db != nil {
		s.db.Close()
	}
	fresh := &Store{dir: s.dir, file: s.file + ".new"}
	fresh.remove()
	saved, err := fresh.rebuild(s.file, o)
	if err != nil {
		fresh.remove()
		return err
	}
	aside := fmt.Sprintf("%s.damaged-%s", s.file, time.Now().Format("20060102-150405.000"))
	for _, part := range []string{"-wal", "-shm", ""} {
		err := os.Rename(s.file+part, aside+part)
		if err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("opening the history: the damaged database cannot be put aside: %w", err)
		}
	}
	if err := os.Rename(fresh.file, s.file); err != nil {
		return fmt.Errorf("opening the history: the repaired database cannot be put in its place: %w", err)
	}
	os.Remove(s.file + ".damaged")
	s.notice = fmt.Sprintf("The history was damaged. %s; the damaged file is kept as %s.", saved, aside)
	return s.connect(o)
}

// rebuild makes a new database of what can be read in a damaged one.
func (s *Store) rebuild(from string, o Options) (saved saved, err error) {
	if err := s.openFile(o); err != nil {
		return saved, err
	}
	if err = s.migrate(); err == nil {
		saved, err = s.salvage(from)
	}
	if closed := s.db.Close(); err == nil {
		err = closed
	}
	return saved, s.fault("saving what can be read of a damaged history", err)
}

// remove deletes a database that was not completed.
func (s *Store) remove() {
	for _, part := range []string{"", "-wal", "-shm", "-journal"} {
		os.Remove(s.file + part)
	}
}
