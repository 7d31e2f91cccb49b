package inspect

import (
	"fmt"
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// Curl is a command line that asks an OpenAI-compatible server the same question.
// The key is taken from the environment, never written out.
func Curl(address string, request *chat.Request, model string) (string, error) {
	body, err := openai.WriteChat(request, model, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("curl %s \\\n  -H 'Content-Type: application/json' \\\n  -H \"Authorization: Bearer $SIROCCO_KEY\" \\\n  --data-binary @- <<'SIROCCO'\n%s\nSIROCCO\n",
		shellQuote(strings.TrimSuffix(address, "/")+"/v1/chat/completions"), body), nil
}

// shellQuote is a word as a POSIX shell takes it literally.
func shellQuote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
