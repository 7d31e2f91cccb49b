package history

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sirocco/model/chat"
)

// Import adds a conversation that Export wrote, as a new one.
func (s *Store) Import(data []byte) (id int64, err error) {
	in, err := readFile(data)
	if err != nil {
		return 0, fmt.Errorf("importing a conversation: %w", err)
	}
	for hash, picture := range in.Pictures {
		if Hash(picture) != hash {
			return 0, fmt.Errorf("importing a conversation: picture %.12s… is not the one its name says; the file was changed or damaged", hash)
		}
		if _, err := s.keepPicture(picture); err != nil {
			return 0, err
		}
	}
	preset, err := json.Marshal(in.Preset)
	if err != nil {
		return 0, fmt.Errorf("importing a conversation: its settings: %w", err)
	}
	err = s.change("importing a conversation", func(tx *sql.Tx) error {
		result, err := tx.Exec("INSERT INTO conversations (title, pinned, created, updated, preset) VALUES (?, ?, ?, ?, ?)",
			in.Title, in.Pinned, in.Created.UnixMilli(), now(), preset)
		if err != nil {
			return err
		}
		if id, err = result.LastInsertId(); err != nil {
			return err
		}
		return s.importMessages(tx, id, in)
	})
	return id, err
}

// importMessages gives the messages new numbers in their order.
func (s *Store) importMessages(tx *sql.Tx, conversation int64, in *file) error {
	renamed := map[int64]int64{0: 0}
	for _, m := range in.Messages {
		id, err := s.insert(tx, conversation, node{parent: renamed[m.Parent], created: m.Created.UnixMilli(), finish: m.Finish, message: m.stored})
		if err != nil {
			return err
		}
		renamed[m.ID] = id
	}
	_, err := tx.Exec("UPDATE conversations SET head = ? WHERE id = ?", renamed[in.Head], conversation)
	return err
}

// readFile parses and checks a file of unknown origin.
func readFile(data []byte) (*file, error) {
	var in file
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("it is not a JSON file as Sirocco writes it: %w", err)
	}
	if in.Format != fileFormat {
		return nil, fmt.Errorf("its \"format\" is %q; %q was expected", in.Format, fileFormat)
	}
	if in.Version < 1 || in.Version > fileVersion {
		return nil, fmt.Errorf("its version is %d; this Sirocco knows %d", in.Version, fileVersion)
	}
	known := map[int64]bool{0: true}
	for i, m := range in.Messages {
		if err := m.check(known); err != nil {
			return nil, fmt.Errorf("messages[%d]: %w", i, err)
		}
		known[m.ID] = true
	}
	if !known[in.Head] {
		return nil, fmt.Errorf("its \"head\" names message %d, which it does not have", in.Head)
	}
	return &in, nil
}

// check refuses a message out of place: known are the ids before it.
func (m *fileMessage) check(known map[int64]bool) error {
	switch m.Role {
	case chat.System, chat.User, chat.Assistant, chat.ToolRole:
	default:
		return fmt.Errorf("its role is %q; system, user, assistant or tool was expected", m.Role)
	}
	if m.ID <= 0 || known[m.ID] {
		return fmt.Errorf("its id %d is taken or not positive", m.ID)
	}
	if !known[m.Parent] {
		return fmt.Errorf("its parent %d does not come before it", m.Parent)
	}
	for _, hash := range m.hashes() {
		if !goodHash(hash) {
			return errors.New("a picture is not named by its SHA-256")
		}
	}
	return nil
}
