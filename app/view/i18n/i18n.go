// Package i18n turns the interface's English sentences into the user's
// language. The English text is the key, so that code reads as the window does;
// each language is one JSON file of sentence → translation, and a test demands
// that every sentence in the code has one in every file.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync/atomic"
)

//go:embed *.json
var files embed.FS

// Language is one the interface speaks.
type Language struct {
	Code string // "de"
	Name string // in itself: "Deutsch"
	RTL  bool
}

// Languages are all of them, English first.
var Languages = []Language{
	{Code: "en", Name: "English"},
	{Code: "de", Name: "Deutsch"},
	{Code: "es", Name: "Español"},
	{Code: "fr", Name: "Français"},
	{Code: "ja", Name: "日本語"},
	{Code: "zh", Name: "中文"},
	{Code: "ar", Name: "العربية", RTL: true},
}

// table is the language in use; nil is English.
var table atomic.Pointer[map[string]string]

var inUse atomic.Pointer[Language]

// Use switches to a language by its code; one that is not there is English.
func Use(code string) {
	language := Languages[0]
	sentences, err := Read(code)
	if err != nil {
		sentences = nil
	}
	for _, l := range Languages {
		if l.Code == code {
			language = l
		}
	}
	table.Store(&sentences)
	inUse.Store(&language)
}

// In is the language in use.
func In() Language {
	if l := inUse.Load(); l != nil {
		return *l
	}
	return Languages[0]
}

// Read is a language's file.
func Read(code string) (map[string]string, error) {
	data, err := files.ReadFile(code + ".json")
	if err != nil {
		return nil, fmt.Errorf("the interface has no language %q", code)
	}
	var sentences map[string]string
	if err := json.Unmarshal(data, &sentences); err != nil {
		return nil, fmt.Errorf("reading the sentences of %q: %w", code, err)
	}
	return sentences, nil
}

// T is the sentence in the language in use, with its values filled in as
// fmt.Sprintf does.
func T(sentence string, values ...any) string {
	if current := table.Load(); current != nil {
		if translated, ok := (*current)[sentence]; ok {
			sentence = translated
		}
	}
	if len(values) == 0 {
		return sentence
	}
	return fmt.Sprintf(sentence, values...)
}
