package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// maxTemplates is many times the length of any file that a chat template comes in.
const maxTemplates = 16 << 20

// ChatTemplate is the chat template in Jinja that came with the weights, word for word: that of the GGUF file, else of
// chat_template.jinja, chat_template.json or tokenizer_config.json beside them, the first that has one. It is for other programs;
// ours is package prompt. "" where none came.
func (c *Checkpoint) ChatTemplate() (string, error) {
	if c.gguf != nil {
		return c.gguf.Text("tokenizer.chat_template"), nil
	}
	for _, source := range []struct {
		name string
		read func([]byte) (string, error)
	}{{"chat_template.jinja", plainTemplate}, {"chat_template.json", jsonTemplate}, {"tokenizer_config.json", jsonTemplate}} {
		path := filepath.Join(c.info.Folder, source.name)
		data, err := readSmall(path, maxTemplates)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		template, err := source.read(data)
		if err != nil {
			return "", fmt.Errorf("%s: reading its chat_template: %w", path, err)
		}
		if template != "" {
			return template, nil
		}
	}
	return "", nil
}

func plainTemplate(data []byte) (string, error) { return string(data), nil }

// jsonTemplate reads the key chat_template: a text, or several under names, of which "default" is the one.
func jsonTemplate(data []byte) (string, error) {
	var file struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Template) == 0 {
		return "", err
	}
	var one string
	if json.Unmarshal(file.Template, &one) == nil {
		return one, nil
	}
	var named []struct{ Name, Template string }
	if err := json.Unmarshal(file.Template, &named); err != nil {
		return "", errors.New("it is neither a text nor a list of named texts")
	}
	for _, t := range named {
		if t.Name == "default" {
			return t.Template, nil
		}
	}
	return "", nil
}
