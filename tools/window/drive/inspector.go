package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// inspected is the part of the dump that is about the inspector's window.
type inspected struct {
	Turn, Turns int
	Live        bool
	Tab         int
	About       string
	Tokens      []string
	Chosen      int
	Looked      string
	Fields      map[string]string
	Result      string
	Compared    int
	Asking      bool
	Found       []string
	Over        bool
	Focus       string
	Controls    map[string][4]float64
}

// The panes of the inspector in their order; Ctrl and the number, from 1, turns to one.
const (
	prompts = iota
	calls
	tokens
	pictures
	sampling
	compare
)

// storySteps are the model card's function-calling story, from the prompt to the
// comparison of its two ends, and of both with a server.
var storySteps = []struct {
	name string
	do   func(m *machine)
}{
	{"opens the inspector on the story", openInspector},
	{"shows the prompt, and the patch under the pointer", seePrompt},
	{"tells a token's alternatives", seeTokens},
	{"tells where it looked when it chose the country", seePictures},
	{"takes another unit and runs the call again", runAgain},
	{"goes on from the new result", goOn},
	{"compares the branch with the turn it came from", compareTurns},
	{"asks a server the same and compares", compareServer},
}

// inspector plays the story in a window whose history holds it, then scrolls through
// a turn as large as any.
func inspector(m *machine) {
	began := time.Now()
	m.answering = free()
	m.beside("sirocco", "serve", "--addr", m.answering)
	m.history("-server", "http://"+m.answering)
	for _, step := range storySteps {
		at := time.Now()
		m.doing = step.name
		step.do(m)
		fmt.Printf("ok   %s (%.1f s)\n", step.name, time.Since(at).Seconds())
	}
	m.kill()
	m.run(filepath.Join(m.bin, "inspector"), "-data", filepath.Join(m.home, "data"), "-check")
	m.home = filepath.Join(m.home, "large")
	check(os.Mkdir(m.home, 0o700))
	m.history("-large")
	large(m)
	fmt.Printf("all in %.0f s\n", time.Since(began).Seconds())
}

// history writes the one that the window is to open.
func (m *machine) history(flags ...string) {
	m.run(filepath.Join(m.bin, "inspector"), append([]string{"-data", filepath.Join(m.home, "data"), "-config", filepath.Join(m.home, "config")}, flags...)...)
}

func openInspector(m *machine) {
	m.open()
	m.key("ctrl+shift+i")
	m.shows("the newest turn", func(s inspected) bool { return s.Turn == 1 && !s.Live && len(s.Tokens) > 0 })
	m.run("timeout", "60", "xdotool", "search", "--sync", "--onlyvisible", "--name", "^Inspector.*turn", "windowsize", "--sync", "%1", "1120", "760")
	m.turnToInspector()
}

// turnToInspector gives it the keyboard.
func (m *machine) turnToInspector() {
	m.run("sh", "-c", "for i in 1 2 3; do xdotool search --sync --onlyvisible --name ^Inspector windowfocus --sync %1 && exit; sleep 1; done; exit 1")
}

// shows waits for the inspector to show something.
func (m *machine) shows(what string, holds func(inspected) bool) inspected {
	return *m.until("the inspector shows "+what, func(s state) bool { return s.Inspector != nil && holds(*s.Inspector) }).Inspector
}

// pane turns to a pane.
func (m *machine) pane(n int) {
	for range 4 {
		m.key("ctrl+" + strconv.Itoa(n+1))
		if m.within(5*time.Second, func(s state) bool { return s.Inspector != nil && s.Inspector.Tab == n }) {
			return
		}
		m.turnToInspector()
	}
	m.shows("pane "+strconv.Itoa(n+1), func(s inspected) bool { return s.Tab == n })
}

// point moves the pointer to a place in a control, in parts of its size.
func (m *machine) point(name string, x, y float64) {
	m.shows("a control "+name, func(s inspected) bool { _, there := s.Controls[name]; return there })
	time.Sleep(350 * time.Millisecond) // it is laid out, and said where
	s := m.read()
	at := s.Inspector.Controls[name]
	place := func(from, size, part float64) string { return strconv.Itoa(int((from + size*part) * s.Scale)) }
	m.run("xdotool", "mousemove", "3", "3", "sleep", "0.03", "mousemove", place(at[0], at[2], x), place(at[1], at[3], y), "sleep", "0.25")
}

// clickUntil clicks a control until the inspector shows what that leads to.
func (m *machine) clickUntil(name, what string, holds func(inspected) bool) inspected {
	for range 4 {
		m.point(name, 0.5, 0.5)
		m.run("xdotool", "click", "1")
		if m.within(15*time.Second, func(s state) bool { return s.Inspector != nil && holds(*s.Inspector) }) {
			return *m.read().Inspector
		}
	}
	return m.shows(what, holds)
}

// choose takes number n, from 1, of the menu that a control opens.
func (m *machine) choose(name string, n int) {
	m.clickUntil(name, "a menu", func(s inspected) bool { return s.Over })
	for range n {
		m.key("Down")
	}
	m.key("Return")
}

// tabTo goes from control to control until a button has the keys.
func (m *machine) tabTo(button string) {
	for range 8 {
		if m.within(time.Second, func(s state) bool { return s.Inspector != nil && s.Inspector.Focus == button }) {
			return
		}
		m.key("Tab")
	}
	m.shows(button+" with the keys", func(s inspected) bool { return s.Focus == button })
}

func seePrompt(m *machine) {
	s := m.shows("the prompt", func(s inspected) bool { return s.Tab == prompts && strings.Contains(s.About, "tokens") })
	at := m.place("prompt", func(n int, rectangle [4]float64) bool { return rectangle[3] > 40 })
	m.point("prompt "+strconv.Itoa(at), 0.45, 0.45)
	s = m.shows("the patch under the pointer", func(s inspected) bool { return strings.HasPrefix(s.About, "picture 1 · patch in row") })
	fmt.Printf("     %s\n", s.About)
	m.picture("prompt")
}

// place is the number of the first box of a flow that fits.
func (m *machine) place(flow string, fits func(n int, rectangle [4]float64) bool) int {
	found := -1
	m.shows("such a box", func(s inspected) bool {
		for name, at := range s.Controls {
			number, isBox := strings.CutPrefix(name, flow+" ")
			if n, err := strconv.Atoi(number); isBox && err == nil && fits(n, at) {
				found = n
			}
		}
		return found >= 0
	})
	return found
}

// country is the number of the token that begins the country.
func country(s inspected) int {
	said := ""
	for n, token := range s.Tokens {
		if strings.HasSuffix(said, `"country": "`) {
			return n
		}
		said += token
	}
	fail("the call names no country: %q", said)
	return -1
}

func seeTokens(m *machine) {
	m.pane(tokens)
	n := country(*m.read().Inspector)
	m.clickUntil("token "+strconv.Itoa(n), "the token chosen", func(s inspected) bool { return s.Chosen == n })
	m.picture("tokens")
}

func seePictures(m *machine) {
	m.pane(pictures)
	n := country(*m.read().Inspector)
	m.clickUntil("word "+strconv.Itoa(n), "the word chosen", func(s inspected) bool { return s.Chosen == n })
	s := m.shows("where it looked", func(s inspected) bool { return strings.Contains(s.Looked, "of its attention") })
	fmt.Printf("     %s\n", s.Looked)
	m.point("patches 1", 0.31, 0.3)
	m.shows("the patch under the pointer", func(s inspected) bool { return strings.Contains(s.About, "of the attention") })
	m.picture("pictures")
}

func runAgain(m *machine) {
	m.pane(calls)
	s := m.shows("the call's form", func(s inspected) bool { return s.Fields["unit"] != "" })
	if s.Fields["unit"] != `"millions"` {
		fail("the model asked for %s", s.Fields["unit"])
	}
	m.choose("field unit", 2)
	m.shows("the other unit", func(s inspected) bool { return s.Fields["unit"] == `"thousands"` && !s.Over })
	m.clickUntil("run", "the question whether it may run", func(s inspected) bool { return s.Over })
	m.picture("approve")
	m.tabTo("Run")
	m.key("space")
	m.shows("the new result", func(s inspected) bool { return strings.TrimSpace(s.Result) == "68400 thousand" })
	m.picture("call")
}

func goOn(m *machine) {
	m.clickUntil("use", "the branch", func(s inspected) bool { return s.Turn == 2 })
	m.shows("the branch's end", func(s inspected) bool { return s.Turn == 2 && !s.Live && len(s.Tokens) > 0 })
	m.pane(tokens)
	m.picture("branch")
}

func compareTurns(m *machine) {
	m.pane(compare)
	m.point("search", 0.5, 0.5)
	m.run("xdotool", "click", "1")
	m.write("tallest bar")
	m.shows("the turn that was searched for", func(s inspected) bool { return slices.Equal(s.Found, []string{"Population, then a chart"}) })
	m.clickUntil("turn 1", "the turn beside", func(s inspected) bool { return s.Compared == 1 })
	m.picture("compare")
}

func compareServer(m *machine) {
	m.until("the server answers", func(state) bool {
		reply, err := http.Get("http://" + m.answering + "/health")
		if err != nil {
			return false
		}
		reply.Body.Close()
		return reply.StatusCode == http.StatusOK
	})
	m.choose("elsewhere", 1)
	m.shows("the server's turn beside", func(s inspected) bool { return s.Compared == 3 })
	s := m.shows("the end of the server's turn", func(s inspected) bool { return s.Compared == 3 && !s.Asking })
	if s.Turn != 2 || s.Turns != 3 {
		fail("turn %d of %d is shown beside the server's; 2 of 3 was expected", s.Turn, s.Turns)
	}
	m.picture("server")
}

// large scrolls through 30,000 tokens, 200 calls and 10 pictures; no callback may
// take long.
func large(m *machine) {
	m.open()
	began := time.Now()
	m.key("ctrl+shift+i")
	m.shows("the large prompt", func(s inspected) bool { return strings.HasPrefix(s.About, "30") })
	fmt.Printf("     the large turn was there %.1f s after the key\n", time.Since(began).Seconds())
	m.turnToInspector()
	m.wheel("prompts", 150)
	m.wheel("timeline", 100)
	m.pane(pictures)
	m.shows("ten pictures", func(s inspected) bool { _, there := s.Controls["patches 10"]; return there })
	m.wheel("patches 1", 60)
	m.pane(tokens)
	m.wheel("tokens", 60)
	m.inTime()
}

// wheel turns it over the upper part of a control.
func (m *machine) wheel(name string, times int) {
	s := m.shows("a control "+name, func(s inspected) bool { _, there := s.Controls[name]; return there })
	at, scale := s.Controls[name], m.read().Scale
	m.run("xdotool", "mousemove", strconv.Itoa(int((at[0]+60)*scale)), strconv.Itoa(int((at[1]+20)*scale)), "click", "--repeat", strconv.Itoa(times), "--delay", "30", "5")
	time.Sleep(time.Second) // what was scrolled is drawn
}

// picture takes a screenshot of the inspector with the pointer where it is.
func (m *machine) picture(name string) {
	if m.shots == "" {
		return
	}
	time.Sleep(600 * time.Millisecond) // what is known is drawn, too
	m.run("sh", "-c", fmt.Sprintf(`id=$(xdotool search --onlyvisible --name ^Inspector | head -1); test -n "$id" && import -window $id -strip -colors 200 -define png:compression-level=9 PNG8:%s`,
		filepath.Join(m.shots, "inspector-"+name+".png")))
}
