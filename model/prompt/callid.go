package prompt

import (
	"crypto/sha256"
	"slices"

	"sirocco/model/chat"
)

// MapCallIDs replaces tool-call ids that the template does not take, such as
// OpenAI's "call_…", by nine letters or digits that depend on the old id alone.
// So a conversation that comes back keeps its ids, and its prompt. Ids that fit
// and missing ones stay. The request gets messages of its own; those it had, which
// others may hold, are left as they are.
func MapCallIDs(req *chat.Request) {
	req.Messages = slices.Clone(req.Messages)
	for i := range req.Messages {
		m := &req.Messages[i]
		m.ToolCallID = mapID(m.ToolCallID)
		m.ToolCalls = slices.Clone(m.ToolCalls)
		for k := range m.ToolCalls {
			m.ToolCalls[k].ID = mapID(m.ToolCalls[k].ID)
		}
	}
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
