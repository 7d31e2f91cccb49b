package history

import (
	"fmt"
	"os"
	"time"
)

// repair puts a damaged database aside under a name with the time, begins a
// new one and copies over every conversation that can still be read.
func (s *Store) repair(o Options) error {
	s.Close()
	aside := fmt.Sprintf("%s.damaged-%s", s.file, time.Now().Format("20060102-150405.000"))
	for _, part := range []string{"", "-wal", "-shm"} {
		err := os.Rename(s.file+part, aside+part)
		if err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("opening the history: the damaged database cannot be put aside: %w", err)
		}
	}
	if err := s.connect(o); err != nil {
		return err
	}
	os.Remove(s.file + ".damaged")
	saved, lost := s.salvage(aside)
	s.notice = fmt.Sprintf("The history was damaged. %d conversations were saved, %s; the damaged file is kept as %s.", saved, lost, aside)
	return nil
}

// salvage copies conversations one by one from the file put aside: what cannot
// be read costs one conversation, not all.
func (s *Store) salvage(aside string) (saved int, lost string) {
	old := &Store{dir: s.dir, file: aside}
	if err := old.openFile(Options{}); err != nil {
		return 0, "nothing else could be read"
	}
	defer old.Close()
	defer os.Remove(aside + ".damaged")
	_ = old.migrate() // an older form, if it can still be changed
	ids, err := old.everyID()
	failed := 0
	for _, id := range ids {
		data, err := old.Export(id)
		if err == nil {
			_, err = s.Import(data)
		}
		if err != nil {
			failed++
			continue
		}
		saved++
	}
	if err != nil {
		return saved, "the rest of the list could not be read"
	}
	return saved, fmt.Sprintf("%d could not be read", failed)
}

// everyID lists the conversations that are not deleted as far as the list can be read.
func (s *Store) everyID() (ids []int64, err error) {
	rows, err := s.db.Query("SELECT id FROM conversations WHERE deleted IS NULL ORDER BY updated")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
