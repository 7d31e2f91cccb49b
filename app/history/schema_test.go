package history

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A history of every earlier version is brought to the newest one, its words
// readable and findable.
func TestMigratesFromEachVersion(t *testing.T) {
	for version := 1; version < len(steps); version++ {
		dir := t.TempDir()
		db := must(sql.Open("sqlite", filepath.Join(dir, "history.db")))(t)
		for _, statement := range append(steps[:version:version],
			"INSERT INTO conversations (id, title, created, updated, head) VALUES (1, 'Old', 1, 2, 1)",
			`INSERT INTO messages (id, conversation, role, body, text, created)
			 VALUES (1, 1, 'user', '{"role":"user","parts":[{"text":"an early question"}]}', 'an early question', 1)`,
			fmt.Sprintf("PRAGMA user_version = %d", version)) {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		db.Close()
		s := open(t, dir)
		if got := words(must(s.Messages(1))(t)); len(got) != 1 || got[0] != "an early question" {
			t.Errorf("from version %d: %q", version, got)
		}
		if hits := must(s.Search("early"))(t); len(hits) != 1 {
			t.Errorf("from version %d: the search found %v", version, hits)
		}
		if v := must(s.version())(t); v != len(steps) {
			t.Errorf("from version %d to %d only", version, v)
		}
	}
}

// A history of a newer Sirocco is left alone.
func TestNewerVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "newer Sirocco") {
		t.Errorf("a newer history gave %v", err)
	}
}
