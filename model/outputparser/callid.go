package outputparser

import "strings"

// callIDs makes ids for tool calls: nine letters and digits, which is what the
// template accepts, decided by a seed.
type callIDs struct {
	seed  uint64
	count uint64
}

const (
	callIDLength  = 9
	callIDLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

func (c *callIDs) next() string {
	c.count++
	x := c.seed + c.count*0x9e3779b97f4a7c15 // SplitMix64
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	var id [callIDLength]byte
	for i := range id {
		id[i] = callIDLetters[x%uint64(len(callIDLetters))]
		x /= uint64(len(callIDLetters))
	}
	return string(id[:])
}

// goodCallID reports whether the template would accept an id.
func goodCallID(id string) bool { return len(id) == callIDLength && onlyName(id, "") }

// goodName reports whether a string can be a function's name.
func goodName(name string) bool {
	return name != "" && len(name) <= 64 && onlyName(name, "_-")
}

func onlyName(s, others string) bool {
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		default:
			if !strings.ContainsRune(others, r) {
				return false
			}
		}
	}
	return true
}
