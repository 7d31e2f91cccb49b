package serve

import (
	"fmt"

	"sirocco/model/prompt/pyjson"
)

// countPictures refuses a request with too many pictures before any of them is
// decoded or fetched.
func countPictures(v pyjson.Value) error {
	pictures := 0
	messages, _ := v.Get("messages")
	for _, m := range messages.Items {
		content, _ := m.Get("content")
		for _, part := range content.Items {
			if kind, _ := part.Get("type"); kind.Text == "image_url" {
				pictures++
			}
		}
	}
	if pictures > maxPictures {
		return invalid("messages", fmt.Sprintf("the request has %d pictures; at most %d are taken", pictures, maxPictures))
	}
	return nil
}
