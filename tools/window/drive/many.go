package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sirocco/app/history"
	"sirocco/model/chat"
)

// messagesEach is how long the conversations of a full history are.
const messagesEach = 50

// many measures a window whose history has so many conversations: its start, a search, scrolling
// through the list and through one conversation, and its memory.
func many(m *machine, conversations int) {
	began := time.Now()
	fill(filepath.Join(m.home, "data", "sirocco", "history"), conversations)
	fmt.Printf("a history of %d conversations of %d messages was written in %.0f s\n", conversations, messagesEach, time.Since(began).Seconds())
	began = time.Now()
	m.launch()
	m.until("the window is there", func(s state) bool { return s.Scale > 0 })
	shown := time.Since(began)
	m.until("all conversations are listed", func(s state) bool { return len(s.View.List) == conversations })
	fmt.Printf("start: the window came after %.2f s, the list after %.2f s\n", shown.Seconds(), time.Since(began).Seconds())
	m.until("the engine is ready", func(s state) bool { return s.View.Engine == "ready" })
	m.focus()
	m.find("lighthouse 77", 1)
	m.scroll(130, 400)
	m.press("chat: Voyage 1000")
	m.until("it is open", func(s state) bool { return len(s.View.Messages) == messagesEach })
	m.scroll(700, 300)
	time.Sleep(300 * time.Millisecond)
	m.inTime()
	fmt.Printf("memory: the window %s, its engine %s\n", resident(m.window.Process.Pid), resident(child(m.window.Process.Pid)))
}

// fill writes a history: each conversation is about something that no other is about.
func fill(folder string, conversations int) {
	store, err := history.Open(folder)
	check(err)
	defer store.Close()
	for c := range conversations {
		id, err := store.New(history.Preset{})
		check(err)
		check(store.Rename(id, fmt.Sprintf("Voyage %d", c+1)))
		after := int64(0)
		for i := range messagesEach {
			role, text := chat.User, fmt.Sprintf("What did we see on day %d?", i/2+1)
			if i%2 == 1 {
				role = chat.Assistant
				text = fmt.Sprintf("On day %d of voyage %d the **lighthouse %d** came into sight.\n\n- wind from the south\n- a calm sea, a *warm* evening\n", i/2+1, c+1, c*messagesEach+i)
			}
			after, err = store.Append(id, after, chat.Text(role, text))
			check(err)
		}
	}
}

// find searches in the list while typing, and says how long the last key took. The words come with
// the title of one conversation.
func (m *machine) find(text string, atLeast int) {
	m.key("ctrl+shift+f")
	m.write(text[:len(text)-1])
	m.until("the search has begun", func(s state) bool { return s.View.Query == text[:len(text)-1] })
	began := time.Now()
	m.write(text[len(text)-1:])
	m.until("it is found", func(s state) bool { return s.View.Query == text && len(s.View.List) >= atLeast })
	fmt.Printf("search: %.0f ms from the key to the hits in the window, among them the time of the key and a frame of 50 ms\n", milliseconds(time.Since(began)))
	var times []time.Duration
	store, err := history.Open(filepath.Join(m.home, "data", "sirocco", "history"))
	check(err)
	defer store.Close()
	for _, query := range []string{"lighthouse", "li", "lighthouse 77", "no such words", "the", "calm sea", "Voyage 512", "ü", "day 25", "wind from"} {
		at := time.Now()
		_, err := store.Search(query)
		check(err)
		times = append(times, time.Since(at))
	}
	slices.Sort(times)
	fmt.Printf("search: of %d queries the slowest took %.1f ms, the median %.1f ms in the history itself\n", len(times), milliseconds(times[len(times)-1]), milliseconds(times[len(times)/2]))
	m.key("Escape")
}

// scroll turns the wheel at a place, down and up again.
func (m *machine) scroll(x, y int) {
	before := m.read().Laps["scroll"].Count
	for _, wheel := range []string{"5", "4"} {
		m.run("xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "--repeat", "150", "--delay", "10", wheel)
	}
	fmt.Printf("scrolling: 300 turns of the wheel in 3 s; the conversation was laid out %d times\n", m.read().Laps["scroll"].Count-before)
}

func milliseconds(t time.Duration) float64 { return float64(t.Microseconds()) / 1000 }

// resident is a process's memory.
func resident(pid int) string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "?"
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kilobytes int
			fmt.Sscan(rest, &kilobytes)
			return fmt.Sprintf("%d MB", kilobytes/1000)
		}
	}
	return "?"
}

// child is the process that another has started.
func child(pid int) (found int) {
	list, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range list {
		if data, err := os.ReadFile(file); err == nil {
			fmt.Sscan(string(data), &found)
		}
	}
	return found
}
