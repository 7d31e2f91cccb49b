package main

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// The steps that go through the pages over the conversation, and change how all looks.

func pages(m *machine, _ string) {
	for _, page := range []struct{ key, name string }{{"ctrl+comma", "settings"}, {"ctrl+m", "models"}} {
		m.key(page.key)
		m.until(page.name+" is shown", func(s state) bool { return s.Page == page.name })
		m.shot(page.name + "-light")
		m.shotBelow(page.name + "-more-light")
		m.key("ctrl+shift+t")
		m.until("it is dark", func(s state) bool { return s.View.Theme == "dark" && s.Page == page.name })
		m.shot(page.name + "-dark")
		m.key("ctrl+shift+t", "ctrl+shift+t")
		m.until("it is light", func(s state) bool { return s.View.Theme == "light" })
		m.key("Escape")
		m.until("the page is closed", func(s state) bool { return s.Page == "" })
	}
}

// preset saves the settings under a name, chooses them for the conversation and takes
// the name away.
func preset(m *machine, _ string) {
	m.key("ctrl+comma")
	m.until("the settings are shown", func(s state) bool { return s.Page == "settings" })
	m.pressUntil("Name of a preset", "the name is asked for", func(s state) bool { return s.Focus == "Name of a preset" })
	m.write("Terse")
	m.key("Return")
	m.until("it is saved", func(s state) bool { return strings.Join(s.View.Presets, " ") == "Terse" })
	for range 3 { // keys may come before the list of names is open
		m.press("pick: These settings are for")
		m.key("Down", "Down", "Down", "Return")
		if m.within(10*time.Second, func(s state) bool { return s.View.Preset == "Terse" }) {
			break
		}
		m.key("Escape")
	}
	m.until("it is chosen, and a model can be", func(s state) bool {
		_, ok := s.control("pick: Model")
		return ok && s.View.Preset == "Terse"
	})
	m.shot("preset-light")
	m.pressUntil("Take this preset away", "it is gone", func(s state) bool { return len(s.View.Presets) == 0 })
	m.key("Escape")
	m.until("the page is closed", func(s state) bool { return s.Page == "" })
}

// share switches the server on in the models page and asks it.
func share(m *machine, _ string) {
	m.key("ctrl+m")
	m.until("the models are shown", func(s state) bool { return s.Page == "models" })
	m.pressUntil("Share the loaded model", "it listens", func(s state) bool { return s.View.Share != "" })
	reply, err := http.Post(m.read().View.Share+"/v1/chat/completions", "application/json",
		strings.NewReader(`{"messages":[{"role":"user","content":"Hello"}],"max_tokens":64}`))
	check(err)
	body, err := io.ReadAll(reply.Body)
	check(err)
	if !strings.Contains(string(body), "## What the two invoices say") {
		fail("the server says %s", body)
	}
	m.pressUntil("Share the loaded model", "it listens no more", func(s state) bool { return s.View.Share == "" })
	m.key("Escape")
}

func looks(m *machine, _ string) {
	m.key("ctrl+shift+t")
	m.until("it is dark", func(s state) bool { return s.View.Theme == "dark" })
	m.shot("blocks-dark")
	for range 10 {
		m.key("ctrl+equal")
	}
	m.until("the text is twice as large", func(s state) bool { return s.View.TextScale == 200 })
	m.shot("large-dark")
	m.key("ctrl+0")
	m.until("the text is as it was", func(s state) bool { return s.View.TextScale == 100 })
	m.size(1024, 600)
	m.shot("1024x600-dark")
	m.size(640, 600)
	m.shot("narrow-dark")
	m.key("ctrl+b")
	m.shot("drawer-dark")
	m.key("ctrl+b")
	m.size(1120, 760)
}
