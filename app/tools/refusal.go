package tools

import "strings"

// refusals are what the SDK makes of answers over HTTP, by the end of its text.
var refusals = []struct{ end, words string }{
	{"Unauthorized", "it asks for a key, or does not take ours; its entry's headers (--mcp-header) are the place for one"},
	{"Forbidden", "it does not let us in; its entry's headers (--mcp-header) are the place for a key"},
	{"Not Found", "it has nothing at this address; is the path right?"},
	{"Method Not Allowed", "it has no MCP at this address; is the path right?"},
	{"Too Many Requests", "it is asked too often; try again later"},
	{"Request Entity Too Large", "the call is larger than it takes"},
	{"Bad Request", "it does not understand the request (Bad Request); is it an MCP server?"},
	{"Internal Server Error", "it failed (Internal Server Error); its own log knows why"},
	{"Bad Gateway", "what it needs behind it does not answer (Bad Gateway)"},
	{"Service Unavailable", "it cannot answer just now (Service Unavailable)"},
	{"Gateway Timeout", "what it needs behind it does not answer in time (Gateway Timeout)"},
}

// strange are parts of what the SDK says of answers that are none of this protocol.
var strange = []string{"unsupported content type", "request terminated without response", "invalid character", "invalid message version", "unmarshaling", "failed to decode"}

// ofServer speaks of what a server answered in place of a message; "" for others.
func ofServer(err error) string {
	text := err.Error()
	if !strings.Contains(text, `sending "`) && !strings.Contains(text, `calling "initialize"`) && !strings.Contains(text, "connection closed") {
		return ""
	}
	for _, r := range refusals {
		if strings.HasSuffix(text, `": `+r.end) {
			return r.words
		}
	}
	for _, part := range strange {
		if strings.Contains(text, part) {
			return "what answers there is no MCP server; is the address right?"
		}
	}
	return ""
}

// refusalOf are the words for an answer of HTTP.
func refusalOf(status string) string {
	for _, r := range refusals {
		if r.end == status {
			return r.words
		}
	}
	return ""
}
