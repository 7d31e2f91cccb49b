package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// shortCache is how long the toolkit remembers which canvas an object belongs to, in the
// steps of every day; of its own it is a minute. It looks for what is too old every 10 s.
const shortCache = "FYNE_CACHE=11s"

// alone leaves the window on each of its pages for longer than the toolkit remembers its
// objects, uses it a little in between, and then expects a key to change what is on the screen.
func alone(m *machine, _ string) { m.leaveAlone(14 * time.Second) }

// idle does the same with the toolkit's own minute.
func idle(m *machine, away time.Duration) {
	m.doing = fmt.Sprintf("is left alone for %v on every page", away)
	m.open()
	m.pressUntil("Try it now", "the sample lies in the tray", func(s state) bool { return len(s.View.Tray) == 1 })
	m.leaveAlone(away)
	fmt.Println("ok  ", m.doing)
}

func (m *machine) leaveAlone(away time.Duration) {
	for _, page := range []struct{ key, name string }{{"ctrl+m", "models"}, {"ctrl+comma", "settings"}} {
		m.key(page.key)
		m.until(page.name+" is shown", func(s state) bool { return s.Page == page.name })
		for range 2 {
			time.Sleep(away)
			m.run("xdotool", "mousemove", "560", "300", "mousemove", "700", "420") // something lights up under the pointer
			time.Sleep(time.Second)
		}
		before := m.screen()
		m.key("Escape")
		m.until("the page is closed", func(s state) bool { return s.Page == "" })
		for late := time.Now().Add(patience); bytes.Equal(before, m.screen()); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(late) {
				fail("the screen still shows %s: nothing is painted any more", page.name)
			}
		}
	}
}

// screen is what a person sees.
func (m *machine) screen() []byte {
	c := exec.Command("import", "-window", "root", "-depth", "8", "rgb:-")
	c.Env = m.environment()
	out, err := c.Output()
	check(err)
	return out
}
