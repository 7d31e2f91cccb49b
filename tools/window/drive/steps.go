package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// steps are what a person does, in order; each goes on from the one before.
var steps = []struct {
	name string
	do   func(m *machine, samples string)
}{
	{"opens and welcomes", welcome},
	{"takes a dropped picture and answers about it", dropAndAsk},
	{"regenerates", regenerate},
	{"streams a long answer from a server, and stops", streamAndStop},
	{"edits a question into a branch, and goes back", edit},
	{"finds words in the conversation", find},
	{"takes a pasted picture", paste},
	{"takes ten pictures at once, and refuses what is none", ten},
	{"finds a conversation", search},
	{"asks before a tool runs, by keyboard", call},
	{"shows its pages", pages},
	{"goes on painting when it is left alone", alone},
	{"saves a preset, and chooses it", preset},
	{"shares its engine", share},
	{"goes dark, large and narrow", looks},
	{"is killed in the middle of an answer, and has it still", killed},
	{"streams 10,000 tokens, the last at 100 a second", long},
	{"kept to the window's goroutine and to its time", quiet},
	{"speaks Japanese and Arabic", languages},
	{"takes up what it had read before it was killed", resumeAfterKill},
}

func welcome(m *machine, _ string) {
	m.open()
	m.until("the context is counted", func(s state) bool { _, ok := s.control("Try it now"); return ok })
	m.shot("first-run-light")
	m.key("ctrl+shift+t")
	m.until("it is dark", func(s state) bool { return s.View.Theme == "dark" })
	m.shot("first-run-dark")
	m.key("ctrl+shift+t", "ctrl+shift+t")
	m.until("it is light", func(s state) bool { return s.View.Theme == "light" })
	m.pressUntil("Try it now", "the sample lies in the tray", func(s state) bool { return len(s.View.Tray) == 1 })
	m.pressUntil("Take shapes.png out", "the tray is empty", func(s state) bool { return len(s.View.Tray) == 0 })
}

func dropAndAsk(m *machine, samples string) {
	m.drop(filepath.Join(samples, "shapes.png"))
	m.until("the picture lies in the tray", func(s state) bool { return len(s.View.Tray) == 1 && s.View.Tray[0] == "shapes.png" })
	m.question("What is in the picture?")
	m.key("End")
	time.Sleep(700 * time.Millisecond) // the tokens are counted
	m.shot("tray-light")
	m.key("Return")
	s := m.answered(2)
	if got := s.View.Messages[1].Text; !strings.Contains(got, "triangle") {
		fail("the answer is %q", got)
	}
	if s.View.Messages[0].Pictures != 1 || s.Entry != "" {
		fail("the question has %d pictures, the entry still says %q", s.View.Messages[0].Pictures, s.Entry)
	}
	m.shot("answer-light")
}

// answered waits for the conversation to have so many messages, the last an
// answer that is over.
func (m *machine) answered(messages int) state {
	return m.until(fmt.Sprintf("message %d is an answer that is over", messages), func(s state) bool {
		n := len(s.View.Messages)
		return n == messages && !s.View.Answering && s.View.Messages[n-1].State >= finished && s.View.Messages[n-1].Version > 0
	})
}

func regenerate(m *machine, _ string) {
	m.key("ctrl+r")
	m.until("there are two answers", func(s state) bool {
		n := len(s.View.Messages)
		return n == 2 && !s.View.Answering && s.View.Messages[1].Versions == 2 && s.version(1) == 2
	})
	m.pressUntil("Earlier version", "the first answer is back", func(s state) bool { return s.version(1) == 1 })
}

func streamAndStop(m *machine, _ string) {
	address := free()
	m.beside("answers", "-addr", address, "-speed", "40", "-file", filepath.Join(m.bin, "every-block.md"))
	m.key("ctrl+n", "ctrl+m")
	m.until("the models are shown", func(s state) bool { return s.Page == "models" })
	m.pressUntil("http://gpu-box:8000", "the address is asked for", func(s state) bool { return s.Focus == "http://gpu-box:8000" })
	m.write("http://" + address)
	m.key("Return")
	m.until("the server answers now", func(s state) bool { return s.View.Engine == "ready" && s.View.Model == "every-block" })
	m.key("Escape")
	m.until("the page is closed", func(s state) bool { return s.Page == "" })
	m.ask("Which of the two invoices is wrong? Take your time.")
	m.until("words stream in", func(s state) bool { return s.View.Answering && len(s.last().Text) > 300 })
	m.shot("stream-light")
	m.key("Escape")
	s := m.answered(2)
	if s.last().State != stopped || !strings.HasPrefix(s.last().Text, "## What") {
		fail("after stopping the answer is %+v", s.last())
	}
}

// version is which branch is shown at a place of the conversation.
func (s state) version(at int) int {
	if at >= len(s.View.Messages) {
		return 0
	}
	return s.View.Messages[at].Version
}

// last is the last message.
func (s state) last() (m struct {
	Role, Text        string
	Pictures          int
	Version, Versions int
	State, Blocks     int
	Trouble           string
	Calls             []string
	Ask               string
	Cached            int
	Notices           []string
}) {
	if n := len(s.View.Messages); n > 0 {
		m = s.View.Messages[n-1]
	}
	return m
}

// call has the server call a tool twice: it is allowed with other arguments, then
// denied.
func call(m *machine, _ string) {
	m.key("Escape", "ctrl+n")
	m.ask("Count the letters of Sirocco.")
	m.until("it asks before it runs", func(s state) bool { return s.last().Ask == "count" })
	time.Sleep(time.Second)
	m.shot("ask-light")
	m.key("ctrl+j")
	m.until("the card has the keys", func(s state) bool { return strings.HasPrefix(s.Focus, "Allow once") })
	m.key("shift+Tab", "ctrl+a", "BackSpace")
	m.write(`{"text":"wind"}`)
	m.key("ctrl+j")
	m.until("the card has the keys again", func(s state) bool { return strings.HasPrefix(s.Focus, "Allow once") })
	m.key("space")
	s := m.answered(2)
	if len(s.last().Calls) != 1 || !strings.HasPrefix(s.last().Calls[0], `count("text":"wind") → 4`) || !strings.Contains(s.last().Text, "4") {
		fail("after allowing: %+v", s.last())
	}
	m.ask("Count the letters again. Count the letters of Sirocco.")
	m.until("it asks again", func(s state) bool { return s.last().Ask == "count" })
	time.Sleep(time.Second)
	m.key("ctrl+j")
	m.until("the card has the keys", func(s state) bool { return strings.HasPrefix(s.Focus, "Allow once") })
	m.key("Tab", "Tab", "Tab", "space")
	s = m.answered(4)
	if !strings.Contains(s.last().Text, "did not allow it") {
		fail("after denying: %+v", s.last())
	}
	m.shot("called-light")
	for opened := false; !opened; {
		m.press("call: count")
		_, err := m.try(30*time.Second, "xdotool", "search", "--sync", "--onlyvisible", "--name", "^Inspector.*Count the letters")
		opened = err == nil
	}
	m.run("sh", "-c", "xdotool search --onlyvisible --name ^Inspector windowfocus --sync %1 key --window 0 ctrl+w")
	m.focus()
}

func edit(m *machine, _ string) {
	m.key("ctrl+l", "Up")
	m.until("the question is back in the entry", func(s state) bool { return strings.HasPrefix(s.Entry, "Which") })
	m.key("End")
	m.write(" Or show the sum.")
	m.key("Return")
	m.until("it is asked anew", func(s state) bool { return len(s.View.Messages) == 2 && s.View.Messages[0].Versions == 2 })
	s := m.answered(2)
	if q := s.View.Messages[0]; q.Text != "Which of the two invoices is wrong? Take your time. Or show the sum." || q.Versions != 2 {
		fail("the edited question is %+v", q)
	}
	m.shot("blocks-light")
	m.toTop()
	m.pressUntil("Earlier version", "the first branch is shown", func(s state) bool { return s.version(0) == 1 })
	m.toTop()
	m.pressUntil("Later version", "the second branch is shown", func(s state) bool { return s.version(0) == 2 })
}

func find(m *machine, _ string) {
	m.key("ctrl+f")
	m.until("the words are asked for", func(s state) bool { return s.Focus == "Find in this conversation" })
	m.write("sum")
	s := m.until("it is found", func(s state) bool { return strings.HasSuffix(s.Found, "/6") })
	m.key("Return")
	m.until("the first place is shown", func(s state) bool { return s.Found == "1/6" })
	if m.key("shift+Return"); m.until("the last place is shown", func(s state) bool { return s.Found == "6/6" }).Entry != s.Entry {
		fail("finding changed the entry to %q", m.read().Entry)
	}
	m.shot("find-light")
	m.key("Escape")
}

func paste(m *machine, samples string) {
	m.key("ctrl+n")
	m.until("a new chat", func(s state) bool { return len(s.View.Messages) == 0 })
	holder := m.beside("hand", "hold", filepath.Join(samples, "chart.png"))
	m.key("ctrl+l", "ctrl+v")
	m.until("the pasted picture lies in the tray", func(s state) bool { return len(s.View.Tray) == 1 })
	check(holder.Process.Kill())
	m.pressUntil("Take pasted picture out", "the tray is empty", func(s state) bool { return len(s.View.Tray) == 0 })
}

func ten(m *machine, samples string) {
	folder := filepath.Join(m.home, "trip")
	check(os.Mkdir(folder, 0o700))
	data, err := os.ReadFile(filepath.Join(samples, "sign.png"))
	check(err)
	for i := range 9 {
		check(os.WriteFile(filepath.Join(folder, fmt.Sprintf("sign %d.png", i+1)), data, 0o600))
	}
	page := filepath.Join(m.home, "page.pdf")
	check(os.WriteFile(page, []byte("%PDF-1.7\n\x00\x01\x02"), 0o600))
	m.drop(folder, filepath.Join(samples, "chart.png"), page)
	s := m.until("ten pictures lie in the tray", func(s state) bool { return len(s.View.Tray) == 10 })
	if strings.Join(s.View.Refused, " ") != "page.pdf" {
		fail("refused were %v", s.View.Refused)
	}
	time.Sleep(1500 * time.Millisecond) // the small pictures come
	m.shot("ten-light")
	m.pressUntil("Understood", "the refusal is gone", func(s state) bool { return len(s.View.Refused) == 0 })
	m.ask("What do the signs say?")
	m.until("it is answered", func(s state) bool { return len(s.View.Messages) == 2 && s.View.Messages[0].Pictures == 10 })
	m.answered(2)
}

func search(m *machine, _ string) {
	m.until("three conversations are listed", func(s state) bool { return len(s.View.List) == 3 })
	m.key("ctrl+shift+f")
	m.until("the words are asked for", func(s state) bool { return s.Focus == "Search" })
	m.write("signs")
	m.until("one is found", func(s state) bool { return s.View.Query == "signs" && len(s.View.List) == 1 })
	m.shot("search-light")
	m.pressUntil("chat: What do the signs say?", "it is open", func(s state) bool { return strings.HasPrefix(s.View.Title, "What do") && len(s.View.Messages) == 2 })
	m.key("ctrl+shift+f", "Escape")
	m.until("all are listed again", func(s state) bool { return len(s.View.List) == 3 })
}

// long streams an answer of 10,000 tokens to its end, typing meanwhile.
func long(m *machine, _ string) {
	m.ask("And now at length")
	m.until("most of it is there", func(s state) bool { return len(s.last().Text) > 50000 })
	m.write("A person goes on typing")
	m.key("ctrl+a", "BackSpace")
	m.answered(4)
}

// inTime looks at how long each kind of callback has kept the window's goroutine. One
// that once took longer than allowed, and less than twice that, may have met with
// other work of the machine: that makes even the processor's own time longer. So does
// a slow processor, which is asked how slow it is.
func (m *machine) inTime() {
	most := allowed * pace()
	fmt.Printf("     allowed are %.0f ms here\n", most)
	laps := m.read().Laps
	for _, name := range slices.Sorted(maps.Keys(laps)) {
		l := laps[name]
		fmt.Printf("     %-10s %5d times, the longest %5.1f ms of the processor (%.1f ms by the clock)\n", name, l.Count, l.Busy, l.Clock)
	}
	for name, l := range laps {
		if l.Next > most || l.Busy > 2*most {
			fail("the callback %q took %.1f ms of the processor and then %.1f ms, where %.0f are allowed", name, l.Busy, l.Next, most)
		}
	}
}

func quiet(m *machine, _ string) {
	m.inTime()
	log, err := os.ReadFile(filepath.Join(m.home, "window.log"))
	check(err)
	for _, bad := range []string{"fyne.Do", "panic", "Error in Fyne call thread"} {
		if strings.Contains(string(log), bad) {
			fail("the log says %q", bad)
		}
	}
}
