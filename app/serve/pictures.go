package serve

import (
	"fmt"

	"sirocco/model/chattemplate/pyjson"
)

// countPictures refuses a request with too many pictures before any of them is
// decoded or fetched. They may lie in a tool's result, so it looks everywhere in
// the conversation.
func countPictures(v pyjson.Value) error {
	for _, field := range []string{"messages", "input"} {
		talk, _ := v.Get(field)
		if n := pictures(talk); n > maxPictures {
			return invalid(field, fmt.Sprintf("the request has %d pictures; at most %d are taken", n, maxPictures))
		}
	}
	return nil
}

func pictures(v pyjson.Value) (n int) {
	if kind, _ := v.Get("type"); kind.Text == "image_url" || kind.Text == "input_image" || kind.Text == "image" {
		return 1
	}
	for _, m := range v.Members {
		n += pictures(m.Value)
	}
	for _, item := range v.Items {
		n += pictures(item)
	}
	return n
}
