package app

import (
	"encoding/xml"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The parts of the packages name the program as FyneApp.toml does, and tie GGUF
// files to it.
func TestPackageParts(t *testing.T) {
	toml, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^ID = "(.+)"$`).FindSubmatch(toml)
	if match == nil {
		t.Fatal("FyneApp.toml names no ID")
	}
	id := string(match[1])
	entry := part(t, id+".desktop")
	for _, want := range []string{"\nIcon=" + id + "\n", "\nExec=sirocco %F\n", "application/x-gguf;"} {
		if !strings.Contains(entry, want) {
			t.Errorf("the menu entry lacks %q", want)
		}
	}
	for name, want := range map[string]string{id + ".mime.xml": `type="application/x-gguf"`, "Info.plist": "<string>gguf</string>"} {
		text := part(t, name)
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", name, want)
		}
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func part(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../tools/package/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
