package history

import (
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
)

// steps are the schema's versions: step i brings a database of version i to
// i+1. A step is never edited once released; a change is a new step.
var steps = []string{
	// 1: conversations, messages as a tree, the pictures they show
	`CREATE TABLE conversations (
		id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT '', pinned INTEGER NOT NULL DEFAULT 0,
		created INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER,
		head INTEGER NOT NULL DEFAULT 0, preset TEXT NOT NULL DEFAULT '{}');
	CREATE TABLE messages (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
		parent INTEGER NOT NULL DEFAULT 0, role TEXT NOT NULL, body TEXT NOT NULL, text TEXT NOT NULL,
		finish TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL);
	CREATE INDEX messages_of ON messages (conversation, parent);
	CREATE TABLE message_pictures (
		message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, hash TEXT NOT NULL,
		PRIMARY KEY (message, hash)) WITHOUT ROWID;`,

	// 2: the events of turns; pieces holds those of turns that still run
	`CREATE TABLE turns (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
		parent INTEGER NOT NULL, created INTEGER NOT NULL, request BLOB NOT NULL, events BLOB);
	CREATE INDEX turns_of ON turns (conversation);
	CREATE INDEX turns_open ON turns (id) WHERE events IS NULL;
	CREATE TABLE pieces (
		turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE, seq INTEGER NOT NULL, line TEXT NOT NULL,
		PRIMARY KEY (turn, seq)) WITHOUT ROWID;
	ALTER TABLE messages ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;`,

	// 3: search by any characters. The index holds every three that follow each
	// other; two line ends behind each text make every character the first of three.
	`CREATE VIEW search_text AS SELECT id, text || char(10, 10) AS text FROM messages;
	CREATE VIRTUAL TABLE search USING fts5(text, content='search_text', content_rowid='id', tokenize='trigram');
	CREATE VIRTUAL TABLE search_terms USING fts5vocab(search, 'row');
	CREATE TRIGGER search_insert AFTER INSERT ON messages BEGIN
		INSERT INTO search (rowid, text) VALUES (new.id, new.text || char(10, 10)); END;
	CREATE TRIGGER search_delete AFTER DELETE ON messages BEGIN
		INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text || char(10, 10)); END;
	CREATE TRIGGER search_update AFTER UPDATE OF text ON messages BEGIN
		INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text || char(10, 10));
		INSERT INTO search (rowid, text) VALUES (new.id, new.text || char(10, 10)); END;
	INSERT INTO search (search) VALUES ('rebuild');`,
}

// errNewer marks a history that only a newer program understands; its sentence is around it.
var errNewer = errors.New("")

// flipped tells a damaged version from a newer one, where the tables are those of this version.
func flipped(version int) bool {
	return version < 0 || version > 100 || bits.OnesCount(uint(version^len(steps))) == 1
}

// migrate brings the database to the newest version, each step in a
// transaction of its own with its version number, so that a crash between two
// leaves a database of an earlier version and nothing half-done.
func (s *Store) migrate() error {
	version, err := s.version()
	if err != nil {
		return err
	}
	if version > len(steps) || version < 0 {
		if schema, err := schemaOf(s.db); err == nil && schema == wholeSchema() && flipped(version) {
			return s.broken("its version is not the one of its tables")
		}
		return fmt.Errorf("%s was written by a newer Sirocco (version %d of its form; this one knows %d): update Sirocco, or move the file away to begin anew%w", s.file, version, len(steps), errNewer)
	}
	for ; version < len(steps); version++ {
		if err := s.step(version); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) version() (version int, err error) {
	err = s.db.QueryRow("PRAGMA user_version").Scan(&version)
	return version, err
}

// step takes the database from a version to the next one. The version is read
// again inside: another process may have been quicker.
func (s *Store) step(version int) error {
	return s.change("bringing the history to its new form", func(tx *sql.Tx) error {
		var now int
		if err := tx.QueryRow("PRAGMA user_version").Scan(&now); err != nil || now != version {
			return err
		}
		if _, err := tx.Exec(steps[version]); err != nil {
			return err
		}
		_, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version+1))
		return err
	})
}
