// Drive is a person at a real window: it starts the program on an X server of
// its own, drops, pastes, types and presses, reads from the window's own dump
// what it shows, and takes the screenshots of the documentation. The programs
// it needs lie in one folder: sirocco with its window, hand (hand.c) and answers.
//
//	drive -bin DIR -samples DIR [-shots DIR]
//	drive -bin DIR -many 1000
//	drive -bin DIR -inspector [-shots DIR]
//	drive -bin DIR -idle 75s
//
// tools/window/test.sh builds them and calls it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	bin := flag.String("bin", "", "folder with sirocco, hand and answers")
	samples := flag.String("samples", "assets/samples", "folder with pictures")
	conversations := flag.Int("many", 0, "measure a window with so many conversations in its history, and take no other step")
	story := flag.Bool("inspector", false, "play the story of a call in the inspector, and take no other step")
	away := flag.Duration("idle", 0, "leave the window alone for so long on each page, and take no other step")
	shots := flag.String("shots", "", "folder for screenshots; none are taken without it")
	flag.Parse()
	os.Exit(run(*bin, *samples, *shots, *conversations, *story, *away))
}

// run takes the steps one after another, or measures; what fails ends it.
func run(bin, samples, shots string, conversations int, story bool, away time.Duration) (code int) {
	home, err := os.MkdirTemp("", "sirocco-window-*")
	check(err)
	defer os.RemoveAll(home)
	m, err := start(bin, home, shots)
	check(err)
	defer m.stop()
	defer func() {
		if broken := recover(); broken != nil {
			log, _ := os.ReadFile(filepath.Join(home, "window.log"))
			fmt.Printf("FAIL %s: %v\n--- a screenshot: %s\n--- the window shows: %s\n--- the window's log:\n%s", m.doing, broken, m.keep(), m.read().brief(), log)
			code = 1
		}
	}()
	m.settings(`{"Theme":"light","Width":1120,"Height":760,"Params":{"Temperature":0}}`)
	switch {
	case conversations > 0:
		many(m, conversations)
		return 0
	case story:
		inspector(m)
		return 0
	case away > 0:
		idle(m, away)
		return 0
	}
	m.cache = shortCache
	began := time.Now()
	for _, step := range steps {
		at := time.Now()
		m.doing = step.name
		step.do(m, samples)
		fmt.Printf("ok   %s (%.1f s)\n", step.name, time.Since(at).Seconds())
	}
	fmt.Printf("all %d steps in %.0f s\n", len(steps), time.Since(began).Seconds())
	return 0
}

// settings writes the settings file of the fresh user.
func (m *machine) settings(text string) {
	folder := filepath.Join(m.home, "config", "sirocco")
	check(os.MkdirAll(folder, 0o700))
	check(os.WriteFile(filepath.Join(folder, "window.json"), []byte(text), 0o600))
	check(os.WriteFile(filepath.Join(folder, "tools.json"), []byte(counter), 0o600))
}

// counter is a tool of the fresh user: it gets {"text":"…"} and tells how many
// letters stand in it, the 11 characters around them left out.
const counter = `{"commands": [{"name": "count", "description": "Counts the letters of a text.",
	"parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
	"command": ["sh", "-c", "n=$(wc -c); echo $((n - 11))"]}]}`
