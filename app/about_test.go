package app

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The version is written once, in FyneApp.toml; the program must say the same.
func TestVersionIsThatOfFyneApp(t *testing.T) {
	toml, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^Version = "(.+)"$`).FindSubmatch(toml)
	if match == nil {
		t.Fatal("FyneApp.toml names no version")
	}
	var out bytes.Buffer
	if code := Run(context.Background(), []string{"version"}, nil, &out, os.Stderr); code != 0 {
		t.Fatalf("sirocco version ended with %d", code)
	}
	if got := strings.Fields(out.String())[1]; got != string(match[1]) {
		t.Errorf("sirocco version says %s, FyneApp.toml %s", got, match[1])
	}
}
