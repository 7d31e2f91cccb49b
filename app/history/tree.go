package history

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sirocco/model/chat"
)

// Message is a message of a conversation with its place in the tree.
type Message struct {
	chat.Message
	ID     int64
	Parent int64 // 0 for a first message
	Turn   int64 // the turn that made it, 0 for what a person said
	// Finish is why an answer ended (chat.FinishStop, …; "interrupted" after a
	// crash, "" while it is being written).
	Finish  string
	Created time.Time
	// Siblings are the messages with the same parent in the order of their
	// making, this one among them: the branches 1/n to n/n.
	Siblings []int64
}

// Append adds a message after another one (0: at the beginning) and shows its
// branch. Pictures are kept by content, each once.
func (s *Store) Append(conversation, parent int64, m chat.Message) (id int64, err error) {
	detached, err := s.detach(m)
	if err != nil {
		return 0, err
	}
	err = s.change("saving a message", func(tx *sql.Tx) error {
		id, err = s.insert(tx, conversation, node{parent: parent, message: detached, created: now()})
		return err
	})
	return id, err
}

// node is a message on its way into the table.
type node struct {
	parent, turn, created int64
	finish                string
	message               stored
}

// insert adds a row and makes it the head.
func (s *Store) insert(tx *sql.Tx, conversation int64, n node) (id int64, err error) {
	if err := checkParent(tx, conversation, n.parent); err != nil {
		return 0, err
	}
	body, text, err := n.message.encode()
	if err != nil {
		return 0, err
	}
	result, err := tx.Exec(`INSERT INTO messages (conversation, parent, role, body, text, finish, created, turn)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, conversation, n.parent, n.message.Role, body, text, n.finish, n.created, n.turn)
	if err != nil {
		return 0, err
	}
	if id, err = result.LastInsertId(); err != nil {
		return 0, err
	}
	for _, hash := range n.message.hashes() {
		if _, err := tx.Exec("INSERT OR IGNORE INTO message_pictures VALUES (?, ?)", id, hash); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec("UPDATE conversations SET head = ?, updated = ? WHERE id = ?", id, now(), conversation)
	return id, err
}

// checkParent refuses a message whose conversation or parent is not there.
func checkParent(tx *sql.Tx, conversation, parent int64) error {
	query, args := "SELECT 1 FROM conversations WHERE id = ?", []any{conversation}
	if parent != 0 {
		query, args = "SELECT 1 FROM messages WHERE conversation = ? AND id = ?", []any{conversation, parent}
	}
	err := tx.QueryRow(query, args...).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("saving a message: conversation %d has no message %d to follow", conversation, parent)
	}
	return err
}

// Messages is the branch that is shown: from the first message to the head.
func (s *Store) Messages(conversation int64) ([]Message, error) {
	var head int64
	err := s.db.QueryRow("SELECT head FROM conversations WHERE id = ?", conversation).Scan(&head)
	if err != nil {
		return nil, s.fault(fmt.Sprintf("reading conversation %d", conversation), err)
	}
	all, err := s.tree(conversation)
	if err != nil {
		return nil, err
	}
	return s.branch(all, head), nil
}

// Branch is the way from the first message of a conversation to any of its
// messages.
func (s *Store) Branch(message int64) ([]Message, error) {
	conversation, err := s.conversationOf(message)
	if err != nil {
		return nil, err
	}
	all, err := s.tree(conversation)
	if err != nil {
		return nil, err
	}
	return s.branch(all, message), nil
}

func (s *Store) conversationOf(message int64) (id int64, err error) {
	err = s.db.QueryRow("SELECT conversation FROM messages WHERE id = ?", message).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("message %d is not in the history", message)
	}
	return id, s.fault("reading a message", err)
}

// row is a message of the tree before its pictures are read.
type row struct {
	Message
	body stored
}

// tree reads all messages of a conversation in the order of their making.
func (s *Store) tree(conversation int64) ([]row, error) {
	doing := fmt.Sprintf("reading conversation %d", conversation)
	rows, err := s.db.Query("SELECT id, parent, turn, finish, created, body FROM messages WHERE conversation = ? ORDER BY id", conversation)
	if err != nil {
		return nil, s.fault(doing, err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		var created int64
		var body []byte
		if err := rows.Scan(&r.ID, &r.Parent, &r.Turn, &r.Finish, &created, &body); err != nil {
			return nil, s.fault(doing, err)
		}
		if err := json.Unmarshal(body, &r.body); err != nil {
			if r.body, err = s.wordsOnly(r.ID); err != nil {
				return nil, s.fault(doing, err)
			}
		}
		r.Created = time.UnixMilli(created)
		all = append(all, r)
	}
	return all, s.fault(doing, rows.Err())
}

// wordsOnly is a message whose body is damaged, by the words that the search knows.
func (s *Store) wordsOnly(id int64) (stored, error) {
	var role, text string
	err := s.db.QueryRow("SELECT role, text FROM messages WHERE id = ?", id).Scan(&role, &text)
	return textOnly(role, text), err
}

// branch picks the way to a leaf out of a tree. A parent is always older than
// its child, so a damaged tree cannot make a circle.
func (s *Store) branch(all []row, leaf int64) []Message {
	siblings := map[int64][]int64{}
	for _, r := range all {
		siblings[r.Parent] = append(siblings[r.Parent], r.ID)
	}
	var way []Message
	for i := len(all) - 1; i >= 0; i-- {
		if r := all[i]; r.ID == leaf {
			r.Message.Message = s.attach(r.body)
			r.Siblings = siblings[r.Parent]
			way = append(way, r.Message)
			leaf = r.Parent
		}
	}
	for i, j := 0, len(way)-1; i < j; i, j = i+1, j-1 {
		way[i], way[j] = way[j], way[i]
	}
	return way
}

// Select shows the branch through a message: down to the newest message under
// it.
func (s *Store) Select(message int64) error {
	conversation, err := s.conversationOf(message)
	if err != nil {
		return err
	}
	all, err := s.tree(conversation)
	if err != nil {
		return err
	}
	under, newest := map[int64]bool{message: true}, message
	for _, r := range all {
		if under[r.Parent] {
			under[r.ID], newest = true, r.ID
		}
	}
	return s.set("showing a branch", conversation, "head = ?", newest)
}
