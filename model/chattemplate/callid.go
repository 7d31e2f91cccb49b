package chattemplate

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"sirocco/model/chat"
)

// MapCallIDs replaces tool-call ids that the template does not take, such as
// OpenAI's "call_…", by nine letters or digits that depend on the old id alone.
// So a conversation that comes back keeps its ids, and its prompt. Ids that fit
// and missing ones stay. The request gets messages of its own; those it had, which
// others may hold, are left as they are. What it returns leads back.
func MapCallIDs(req *chat.Request) CallIDs {
	ids := CallIDs{}
	req.Messages = slices.Clone(req.Messages)
	for i := range req.Messages {
		m := &req.Messages[i]
		m.ToolCallID = ids.short(m.ToolCallID)
		m.ToolCalls = slices.Clone(m.ToolCalls)
		for k := range m.ToolCalls {
			m.ToolCalls[k].ID = ids.short(m.ToolCalls[k].ID)
		}
	}
	return ids
}

// CallIDs maps the ids that MapCallIDs made to those they stand for.
type CallIDs map[string]string

// short is the id that the template takes for one that somebody else made.
func (c CallIDs) short(id string) string {
	short := mapID(id)
	if short != id {
		c[short] = id
	}
	return short
}

// Original is the caller's own id for one in the mapped request, or in its answer.
func (c CallIDs) Original(id string) string {
	if own, ok := c[id]; ok {
		return own
	}
	return id
}

// Restore puts the caller's own ids back into an error about a request, so that
// it speaks of what the caller knows.
func (c CallIDs) Restore(err error) error {
	var wrong *chat.RequestError
	if len(c) == 0 || !errors.As(err, &wrong) {
		return err
	}
	told := *wrong
	for short, id := range c {
		told.Message = strings.ReplaceAll(told.Message, short, id)
	}
	return &told
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func mapID(id string) string {
	if id == "" || id == "null" || goodID(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	var short [9]byte
	for i := range short {
		short[i] = base62[(int(sum[2*i])<<8|int(sum[2*i+1]))%len(base62)]
	}
	return string(short[:])
}
