package history

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sirocco/model/chat"
)

// Conversation is one line of the list.
type Conversation struct {
	ID               int64
	Title            string
	Pinned           bool
	Created, Updated time.Time
	// Head is the last message of the branch that is shown, 0 while empty.
	Head   int64
	Preset Preset
}

// Preset is how a conversation wants to be answered. Its zero value means the
// defaults of the day.
type Preset struct {
	Name       string         `json:"name,omitempty"` // under which it was saved
	Model      string         `json:"model,omitempty"`
	System     *string        `json:"system,omitempty"` // nil: the model's recommended prompt
	Sampling   *chat.Sampling `json:"sampling,omitempty"`
	FixedSeed  bool           `json:"fixed_seed,omitempty"` // the seed of Sampling for every answer
	MaxTokens  int            `json:"max_tokens,omitempty"`
	Tools      []string       `json:"tools,omitempty"` // names of the tools switched on
	ToolChoice string         `json:"tool_choice,omitempty"`
}

// New begins an empty conversation without a title.
func (s *Store) New(preset Preset) (id int64, err error) {
	body, err := json.Marshal(preset)
	if err != nil {
		return 0, fmt.Errorf("beginning a conversation: its settings: %w", err)
	}
	err = s.change("beginning a conversation", func(tx *sql.Tx) error {
		result, err := tx.Exec("INSERT INTO conversations (created, updated, preset) VALUES (?, ?, ?)", now(), now(), body)
		if err == nil {
			id, err = result.LastInsertId()
		}
		return err
	})
	return id, err
}

const conversationColumns = "id, title, pinned, created, updated, head, preset"

// Conversations lists all that are not deleted: pinned first, then by the last
// change, newest first.
func (s *Store) Conversations() ([]Conversation, error) {
	rows, err := s.db.Query("SELECT " + conversationColumns + " FROM conversations WHERE deleted IS NULL ORDER BY pinned DESC, updated DESC, id DESC")
	if err != nil {
		return nil, s.fault("listing the conversations", err)
	}
	defer rows.Close()
	var list []Conversation
	for rows.Next() {
		c, err := scanConversation(rows)
		if err != nil {
			return nil, s.fault("listing the conversations", err)
		}
		list = append(list, c)
	}
	return list, s.fault("listing the conversations", rows.Err())
}

// Conversation looks one up.
func (s *Store) Conversation(id int64) (Conversation, error) {
	row := s.db.QueryRow("SELECT "+conversationColumns+" FROM conversations WHERE id = ? AND deleted IS NULL", id)
	c, err := scanConversation(row)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("conversation %d is not in the history: it was deleted", id)
	}
	return c, s.fault("reading a conversation", err)
}

func scanConversation(row interface{ Scan(...any) error }) (c Conversation, err error) {
	var created, updated int64
	var preset []byte
	if err := row.Scan(&c.ID, &c.Title, &c.Pinned, &created, &updated, &c.Head, &preset); err != nil {
		return c, err
	}
	c.Created, c.Updated = time.UnixMilli(created), time.UnixMilli(updated)
	if err := json.Unmarshal(preset, &c.Preset); err != nil {
		c.Preset = Preset{} // settings that cannot be read are not worth losing words for
	}
	return c, nil
}

// Rename gives a conversation a title.
func (s *Store) Rename(id int64, title string) error {
	return s.set("renaming a conversation", id, "title = ?", title)
}

// Pin keeps a conversation at the top, or lets it go.
func (s *Store) Pin(id int64, pinned bool) error {
	return s.set("pinning a conversation", id, "pinned = ?", pinned)
}

// SetPreset changes how a conversation is answered from now on.
func (s *Store) SetPreset(id int64, preset Preset) error {
	body, err := json.Marshal(preset)
	if err != nil {
		return fmt.Errorf("changing a conversation's settings: %w", err)
	}
	return s.set("changing a conversation's settings", id, "preset = ?", body)
}

// Delete takes a conversation out of the list. Restore brings it back until the
// history is opened anew; then it is gone for good, with pictures nobody else shows.
func (s *Store) Delete(id int64) error {
	return s.set("deleting a conversation", id, "deleted = ?", now())
}

// Restore undoes Delete.
func (s *Store) Restore(id int64) error {
	return s.set("bringing a conversation back", id, "deleted = ?", nil)
}

// set changes one column of one conversation.
func (s *Store) set(doing string, id int64, column string, value any) error {
	return s.change(doing, func(tx *sql.Tx) error {
		result, err := tx.Exec("UPDATE conversations SET "+column+" WHERE id = ?", value, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("%s: conversation %d is not in the history", doing, id)
		}
		return nil
	})
}

// purge removes what was deleted, and the pictures that no message shows.
func (s *Store) purge() error {
	removed := int64(0)
	err := s.change("clearing what was deleted", func(tx *sql.Tx) error {
		result, err := tx.Exec("DELETE FROM conversations WHERE deleted IS NOT NULL")
		if err == nil {
			removed, err = result.RowsAffected()
		}
		return err
	})
	if err != nil || removed == 0 {
		return err
	}
	return s.dropPictures()
}
