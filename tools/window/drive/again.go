package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The steps that end the window and open it again.

func killed(m *machine, _ string) {
	m.key("ctrl+n")
	m.ask("A question before the power is cut. Take your time.")
	s := m.until("words stream in", func(s state) bool { return s.View.Answering && len(s.last().Text) > 80 })
	said := s.last().Text
	m.inTime()
	m.kill()
	m.open()
	s = m.until("the conversation is back", func(s state) bool { return len(s.View.Messages) == 2 })
	if got := s.last().Text; len(got) < len(said)-20 || !strings.HasPrefix(got, "## What") {
		fail("of %d bytes of the answer %d are left: %q", len(said), len(got), got)
	}
	if s.View.Theme != "dark" || len(s.View.List) != 5 {
		fail("the window is %s and lists %v", s.View.Theme, s.View.List)
	}
}

// languages opens the window as somebody who reads Japanese, then Arabic.
func languages(m *machine, _ string) {
	for _, language := range []struct{ code, send string }{{"ja", "送信 (Enter)"}, {"ar", "إرسال (Enter)"}, {"en", "Send (Enter)"}} {
		m.kill()
		m.settings(fmt.Sprintf(`{"Theme":"light","Width":1120,"Height":760,"Side":true,"Welcomed":true,"TextScale":100,"Language":%q}`, language.code))
		m.open()
		m.until("it speaks "+language.code, func(s state) bool { _, ok := s.control(language.send); return ok })
		m.shot("chat-" + language.code)
		m.key("ctrl+comma")
		m.until("the settings are shown", func(s state) bool { return s.Page == "settings" })
		m.shot("settings-" + language.code)
		m.key("Escape", "ctrl+m")
		m.until("the models are shown", func(s state) bool { return s.Page == "models" })
		time.Sleep(700 * time.Millisecond)
		m.shot("models-" + language.code)
	}
}

// restoreKV switches on that what was read is kept, asks about a picture, kills the window
// and asks on: the picture is not read again. A file that was damaged meanwhile is said
// to be, and read anew.
func resumeAfterKill(m *machine, samples string) {
	m.kill()
	m.settings(`{"Theme":"light","Width":1120,"Height":760,"Side":true,"Welcomed":true,"TextScale":100,"KeepRead":true,"Params":{"Temperature":0}}`)
	m.open()
	m.drop(filepath.Join(samples, "shapes.png"))
	m.until("the picture lies in the tray", func(s state) bool { return len(s.View.Tray) == 1 })
	m.ask("What is in the picture?")
	m.answered(2)
	for damaged := range 2 {
		if damaged == 1 {
			m.damage()
		}
		m.kill()
		m.open()
		m.until("the conversation is back", func(s state) bool { return len(s.View.Messages) == 2*damaged+2 })
		m.ask("How many shapes are there?")
		s := m.answered(2*damaged + 4)
		fmt.Printf("     %d tokens were not read again\n", s.last().Cached)
		if (s.last().Cached > 100) != (damaged == 0) || strings.Contains(strings.Join(s.last().Notices, " "), "damaged") != (damaged == 1) {
			fail("damaged %d times, %d tokens were taken up; it is said %q", damaged, s.last().Cached, s.last().Notices)
		}
	}
	m.shot("kept-light")
}

// damage changes bytes in the middle of what was kept.
func (m *machine) damage() {
	files, err := filepath.Glob(filepath.Join(m.home, "data", "sirocco", "history", "read", "*"))
	check(err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		check(err)
		copy(data[len(data)/4:], "somebody else wrote here")
		check(os.WriteFile(file, data, 0o600))
	}
}
