package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sirocco/model/chat"
)

// Builtin are the tools that are always there: they compute, and read nothing of
// the user's.
func Builtin() []Tool { return []Tool{clock(time.Now), calculator()} }

// clock tells the time; now is handed in for tests.
func clock(now func() time.Time) Tool {
	return Tool{
		Tool: chat.Tool{
			Name:        "clock",
			Description: "The date, weekday and time now, where the user is or in a given time zone.",
			Parameters: json.RawMessage(`{"type": "object", "properties": {"time_zone": {"type": "string", ` +
				`"description": "An IANA name such as Europe/Paris or UTC; leave it out for the user's own."}}, "additionalProperties": false}`),
		},
		Source: "built in", ReadOnly: true, Unasked: true,
		Run: func(_ context.Context, c Call) (Output, error) {
			var given struct {
				TimeZone string `json:"time_zone"`
			}
			if err := json.Unmarshal([]byte(c.Arguments), &given); err != nil {
				return Output{}, err
			}
			at := now()
			if given.TimeZone != "" {
				zone, err := time.LoadLocation(given.TimeZone)
				if err != nil {
					return Output{Failed: true, Text: fmt.Sprintf("there is no time zone %q; IANA names look like Europe/Paris", given.TimeZone)}, nil
				}
				at = at.In(zone)
			}
			return Output{Text: at.Format("Monday, 2006-01-02 15:04:05 -07:00 MST")}, nil
		},
	}
}

// calculator works out an expression.
func calculator() Tool {
	return Tool{
		Tool: chat.Tool{
			Name: "calculator",
			Description: "Works out an arithmetic expression exactly. Knows + - * / % ^ ! ( ), pi, e, and sqrt, cbrt, exp, ln, log10, log2, " +
				"sin, cos, tan, asin, acos, atan (radians), abs, round, floor, ceil, min, max.",
			Parameters: json.RawMessage(`{"type": "object", "properties": {"expression": {"type": "string", ` +
				`"description": "For example (17.5 + 3) * 2^10 / 3"}}, "required": ["expression"], "additionalProperties": false}`),
		},
		Source: "built in", ReadOnly: true, Unasked: true,
		Run: func(_ context.Context, c Call) (Output, error) {
			var given struct{ Expression string }
			if err := json.Unmarshal([]byte(c.Arguments), &given); err != nil {
				return Output{}, err
			}
			value, err := calculate(given.Expression)
			if err != nil {
				return Output{Failed: true, Text: err.Error()}, nil
			}
			return Output{Text: value}, nil
		},
	}
}
