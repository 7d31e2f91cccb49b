package history

import (
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// enter says to other programs that this one uses the history. It is alone when
// no other does; until stay, others wait.
func (s *Store) enter() (alone bool) {
	s.lock = flock.New(filepath.Join(s.dir, ".history.lock"))
	if alone, err := s.lock.TryLock(); alone || err != nil {
		return alone
	}
	_ = s.lock.RLock()
	return false
}

// stay lets others in that only read and write.
func (s *Store) stay() {
	_ = s.lock.Unlock()
	_ = s.lock.RLock()
}

func (s *Store) exists() bool {
	info, err := os.Stat(s.file)
	return err == nil && info.Size() > 0
}
