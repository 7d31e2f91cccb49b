// Package history keeps conversations: messages as a tree, the pictures in
// them, and every event of every turn, in one SQLite file that survives being
// killed, a full disk and its own corruption. Open this file first, then
// tree.go for reading a conversation and turn.go for writing an answer.
//
// A window lives on these calls:
//
//	store, err := history.Open(history.Dir())          // Notice() tells what had to be repaired
//	list, err := store.Conversations()                 // pinned first, then the newest
//	id, err := store.New(history.Preset{…})            // an empty conversation
//	ask, err := store.Append(id, 0, question)          // parent 0: the first message; else the message it follows
//	turn, err := store.Record(id, ask, request)        // an answer begins
//	err = turn.Add(event)                              // each chat.Event of Engine.Generate or of the tool loop
//	err = turn.Close()                                 // the answer is over, however it ended
//	shown, err := store.Messages(id)                   // from the first message to the head, with siblings (2/3)
//	err = store.Select(messageID)                      // show the branch through this message
//	hits, err := store.Search("words")                 // as you type
//	store.Rename, Pin, SetPreset, Delete, Restore      // Delete is undone by Restore until the store is opened anew
//	store.Markdown, store.Export, store.Import         // conversations as files
//	session, err := store.Turn(turnID)                 // request and events again, for the inspector
//
// Editing a question or regenerating an answer is Append or Record with the
// parent of the message that is replaced: a branch. Errors are sentences;
// errors.Is(err, ErrFull) and ErrDamaged tell the two that a user can act on.
// A Store may be used by many goroutines.
package history

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver, SQLite in Go
)

// Store is an open history.
type Store struct {
	dir    string
	file   string // the database
	db     *sql.DB
	write  sync.Mutex // SQLite has one writer; waiting here is fairer than its busy loop
	notice string
	lock   *flock.Flock // says to other programs that this one is here
	closed string       // why nothing can be written, or ""
}

// Options are for those who need other than Open's defaults.
type Options struct {
	// MaxPages is the size, in pages of 4,096 bytes, at which the database
	// behaves as on a full disk; 0 is no limit.
	MaxPages int
}

// Dir is the folder where the history of this user belongs.
func Dir() string { return filepath.Join(xdg.DataHome, "sirocco", "history") }

// Open opens the history in a folder, or begins one there. A database that
// cannot be read is kept under another name, what can be saved of it is saved,
// and Notice says so. Answers that were cut off by a crash are put together
// from what had been written; conversations deleted earlier are gone.
func Open(dir string) (*Store, error) { return OpenWith(dir, Options{}) }

// OpenWith is Open with options.
func OpenWith(dir string, o Options) (*Store, error) {
	s := &Store{dir: dir, file: filepath.Join(dir, "history.db")}
	if err := os.MkdirAll(filepath.Join(dir, "pictures"), 0o700); err != nil && !s.exists() {
		return nil, fmt.Errorf("opening the history: its folder cannot be made: %w", err)
	}
	alone := s.enter()
	err := s.begin(o, alone)
	if err != nil && !errors.Is(err, errNewer) && s.exists() {
		err = s.show(err)
	}
	if alone {
		s.stay()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// begin connects, and as the only program repairs and tidies first: what another
// has deleted or is writing is left to it.
func (s *Store) begin(o Options, alone bool) error {
	err := s.checkHeader()
	if err == nil {
		err = s.connect(o)
	}
	if !alone {
		return err
	}
	if err == nil {
		err = s.check()
	}
	if damaged(err) || err == nil && s.marked() {
		err = s.repair(o)
	}
	if err == nil {
		err = s.tidy()
	}
	if damaged(err) {
		if err = s.repair(o); err == nil {
			err = s.tidy()
		}
	}
	return err
}

// tidy ends what a crash left open and removes what was deleted.
func (s *Store) tidy() error {
	if err := s.recoverTurns(); err != nil {
		return err
	}
	return s.purge()
}

// Notice is a sentence about a repair that Open made, or "".
func (s *Store) Notice() string { return s.notice }

// Close closes the database.
func (s *Store) Close() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// connect opens the file and brings its schema up to date.
func (s *Store) connect(o Options) error {
	err := s.openFile(o)
	if err == nil {
		err = s.migrate()
	}
	return s.oddity(s.fault("opening the history", err))
}

func (s *Store) openFile(o Options) error {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)", "temp_store(MEMORY)",
	}}
	if o.MaxPages > 0 {
		query.Add("_pragma", fmt.Sprintf("max_page_count(%d)", o.MaxPages))
	}
	source := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(s.file), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(4)
	s.db = db
	return nil
}

// change runs a transaction that writes.
func (s *Store) change(doing string, work func(tx *sql.Tx) error) error {
	if s.closed != "" {
		return fmt.Errorf("%s: %s", doing, s.closed)
	}
	s.write.Lock()
	defer s.write.Unlock()
	tx, err := s.db.Begin()
	if err != nil {
		return s.fault(doing, err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := work(tx); err != nil {
		return s.fault(doing, err)
	}
	return s.fault(doing, tx.Commit())
}

// now is the time as it is stored: milliseconds since 1970.
func now() int64 { return time.Now().UnixMilli() }
