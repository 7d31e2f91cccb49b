package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
	fmt.Printf("start: until then the processor worked %.2f s for it\n", worked(m.window.Process.Pid).Seconds())
	m.until("the engine is ready", func(s state) bool { return s.View.Engine == "ready" })
	m.focus()
	m.find("lighthouse 77", 1)
	m.scroll("the list", 130, 400)
	m.pressUntil("chat: Voyage 1000", "it is open", func(s state) bool { return len(s.View.Messages) == messagesEach })
	m.scroll("a conversation", 700, 300)
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

// find searches in the list while typing, and says how long the last key took.
func (m *machine) find(text string, atLeast int) {
	m.key("ctrl+shift+f")
	most := len(text) - 1
	m.write(text[:most])
	m.until("the search has begun", func(s state) bool { return s.View.Query == text[:most] })
	m.rest()
	began := time.Now()
	m.write(text[most:])
	m.until("it is found", func(s state) bool { return s.View.Query == text && len(s.View.List) >= atLeast })
	fmt.Printf("search: %.0f ms from the key to the hits in the window, xdotool and a frame of 50 ms among them\n", milliseconds(time.Since(began)))
	m.key("Escape")
	store, err := history.Open(filepath.Join(m.home, "data", "sirocco", "history"))
	check(err)
	defer store.Close()
	var times []time.Duration
	for _, query := range []string{"lighthouse", "li", "lighthouse 77", "no such words", "the", "calm sea", "Voyage 512", "ü", "day 25", "wind from"} {
		at := time.Now()
		_, err := store.Search(query)
		check(err)
		times = append(times, time.Since(at))
	}
	slices.Sort(times)
	fmt.Printf("search: in the history itself the median of %d queries took %.1f ms, the slowest %.1f ms\n", len(times), milliseconds(times[len(times)/2]), milliseconds(times[len(times)-1]))
	m.until("all are listed again", func(s state) bool { return s.View.Query == "" && len(s.View.List) > 100 })
}

// turns is how often the wheel is turned down, and up again.
const turns = 100

// scroll turns the wheel at a place.
func (m *machine) scroll(what string, x, y int) {
	m.rest()
	before := worked(m.window.Process.Pid)
	for _, wheel := range []string{"5", "4"} {
		m.run("xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "--repeat", fmt.Sprint(turns), "--delay", "16", wheel)
	}
	m.rest()
	each := (worked(m.window.Process.Pid) - before) / (2 * turns)
	fmt.Printf("scrolling %s: %.1f ms of the processor for a turn of the wheel, painted in software\n", what, milliseconds(each))
}

// rest waits until the window does nothing any more, or no less: a cursor that blinks
// is painted in software here.
func (m *machine) rest() {
	late := time.Now().Add(10 * time.Second)
	for last := time.Duration(-1); time.Now().Before(late); {
		now := worked(m.window.Process.Pid)
		if now-last < 30*time.Millisecond && last >= 0 {
			return
		}
		last = now
		time.Sleep(500 * time.Millisecond)
	}
}

// worked is how long the processor has worked for a process.
func worked(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	check(err)
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')'):]))
	user, _ := strconv.Atoi(fields[12])
	system, _ := strconv.Atoi(fields[13])
	return time.Duration(user+system) * 10 * time.Millisecond
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
