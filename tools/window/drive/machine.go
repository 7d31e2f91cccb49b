package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// machine is an X server with nothing on it but our window.
type machine struct {
	bin     string // folder of the programs under test
	home    string
	display string
	server  *exec.Cmd
	window  *exec.Cmd
	others  []*exec.Cmd
	log     *os.File
	shots   string // folder for screenshots
}

// state is the part of the window's dump that the steps look at.
type state struct {
	View struct {
		Conversation int64
		Title        string
		Messages     []struct {
			Role, Text        string
			Pictures          int
			Version, Versions int
			State, Blocks     int
			Trouble           string
			Calls             []string
			Ask               string
		}
		Answering           bool
		Tray, Refused, List []string
		Engine, Model       string
		Query, Notice       string
		Theme               string
		TextScale           int
		Share               string
	}
	Controls map[string][4]float64
	Entry    string
	Page     string
	Found    string
	Focus    string // label of what gets the keys
	Scale    float64
	Laps     map[string]struct {
		Count, Over int     // how often, and of that longer than allowed
		Clock, Busy float64 // ms, of the slowest
	}
}

// The states of an answer, as view numbers them.
const (
	finished = 3
	stopped  = 4
)

// start brings the X server up on a display of its own.
func start(bin, home, shots string) (*machine, error) {
	m := &machine{bin: bin, home: home, shots: shots}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	m.server = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1120x760x24", "-nolisten", "tcp")
	m.server.ExtraFiles = []*os.File{write}
	if err := m.server.Start(); err != nil {
		return nil, fmt.Errorf("starting Xvfb: %w", err)
	}
	write.Close()
	number := make([]byte, 8)
	n, err := read.Read(number)
	if err != nil {
		return nil, fmt.Errorf("the X server did not say its display: %w", err)
	}
	m.display = ":" + strings.TrimSpace(string(number[:n]))
	m.log, err = os.Create(filepath.Join(home, "window.log"))
	return m, err
}

// environment is that of a fresh user.
func (m *machine) environment() []string {
	return append(os.Environ(), "DISPLAY="+m.display, "LANG=en_US.UTF-8", "LC_ALL=", "WAYLAND_DISPLAY=",
		"XDG_DATA_HOME="+m.home+"/data", "XDG_CONFIG_HOME="+m.home+"/config", "XDG_RUNTIME_DIR="+m.home,
		"SIROCCO_WINDOW_DUMP="+m.dump())
}

func (m *machine) dump() string { return filepath.Join(m.home, "dump.json") }

// launch starts the window.
func (m *machine) launch() {
	_ = os.Remove(m.dump())
	m.window = exec.Command(filepath.Join(m.bin, "sirocco"))
	m.window.Env, m.window.Stdout, m.window.Stderr = m.environment(), m.log, m.log
	check(m.window.Start())
}

// focus gives it the keyboard: there is no window manager that would. A window that
// goes while xdotool looks through all of them ends the search, so it may look again.
func (m *machine) focus() {
	m.run("sh", "-c", "for i in 1 2 3; do xdotool search --sync --onlyvisible --name Sirocco windowfocus --sync %1 && exit; sleep 1; done; exit 1")
}

// open starts the window and waits until its engine answers.
func (m *machine) open() {
	began := time.Now()
	m.launch()
	m.until("the window is there", func(s state) bool { return s.Scale > 0 })
	fmt.Printf("     the window came after %.1f s\n", time.Since(began).Seconds())
	m.focus()
	m.until("the engine is ready", func(s state) bool { return s.View.Engine == "ready" })
}

// kill ends the window as a power cut does.
func (m *machine) kill() {
	check(m.window.Process.Kill())
	_ = m.window.Wait()
}

// stop ends everything.
func (m *machine) stop() {
	for _, c := range append(m.others, m.window, m.server) {
		if c != nil && c.Process != nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
}

// beside starts another program on the same display.
func (m *machine) beside(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(m.bin, name), args...)
	c.Env, c.Stderr = m.environment(), os.Stderr
	check(c.Start())
	m.others = append(m.others, c)
	return c
}

// free is an address of this machine where nobody listens.
func free() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer listener.Close()
	return listener.Addr().String()
}

// run runs a program to its end.
func (m *machine) run(name string, args ...string) {
	c := exec.Command(name, args...)
	c.Env = m.environment()
	if out, err := c.CombinedOutput(); err != nil {
		fail("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// read is the window's dump as it is now.
func (m *machine) read() (s state) {
	data, err := os.ReadFile(m.dump())
	if err == nil {
		_ = json.Unmarshal(data, &s)
	}
	return s
}

// until waits for the window to show something.
func (m *machine) until(what string, holds func(state) bool) state {
	late := time.Now().Add(60 * time.Second)
	for {
		s := m.read()
		if holds(s) {
			return s
		}
		if time.Now().After(late) {
			m.shot("failed")
			for i := range s.View.Messages {
				text := &s.View.Messages[i].Text
				*text = (*text)[:min(len(*text), 200)]
			}
			s.View.List = s.View.List[:min(len(s.View.List), 10)]
			fail("waited in vain until %s; the window shows %+v", what, s.View)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// key presses keys, as xdotool names them.
func (m *machine) key(keys ...string) {
	m.run("xdotool", append([]string{"key", "--delay", "40"}, keys...)...)
}

// write types text.
func (m *machine) write(text string) { m.run("xdotool", "type", "--delay", "12", text) }

// question puts a question into the entry, in place of what stands there.
func (m *machine) question(text string) {
	for range 3 {
		m.key("ctrl+l", "ctrl+a", "BackSpace")
		m.write(text)
		for range 100 {
			if m.read().Entry == text {
				return
			}
			time.Sleep(30 * time.Millisecond)
		}
	}
	fail("%q did not come into the entry, which says %q", text, m.read().Entry)
}

// ask asks it.
func (m *machine) ask(text string) {
	m.question(text)
	m.key("Return")
}

// press clicks the control whose name begins so.
func (m *machine) press(name string) {
	time.Sleep(350 * time.Millisecond) // it is laid out, and said where
	s := m.until("there is a control "+name, func(s state) bool { _, ok := s.control(name); return ok })
	at, _ := s.control(name)
	x, y := strconv.Itoa(int((at[0]+at[2]/2)*s.Scale)), strconv.Itoa(int((at[1]+at[3]/2)*s.Scale))
	m.run("xdotool", "mousemove", "3", "3", "sleep", "0.03", "mousemove", x, y, "sleep", "0.25", "click", "1")
}

// pressUntil clicks a control until the window shows what that leads to. On a
// busy machine a click may fall between two layouts of the window.
func (m *machine) pressUntil(name, what string, holds func(state) bool) {
	for range 4 {
		m.press(name)
		for range 500 { // long enough that a click still on its way does not become two
			if holds(m.read()) {
				return
			}
			time.Sleep(30 * time.Millisecond)
		}
	}
	m.until(what, holds)
}

func (s state) control(name string) ([4]float64, bool) {
	for label, at := range s.Controls {
		if strings.HasPrefix(label, name) {
			return at, true
		}
	}
	return [4]float64{}, false
}

// toTop turns the wheel over the conversation.
func (m *machine) toTop() {
	m.run("xdotool", "mousemove", "600", "300", "click", "--repeat", "60", "--delay", "5", "4")
	time.Sleep(300 * time.Millisecond)
	m.run("xdotool", "mousemove", "600", "305") // the window looks again
}

// drop drops files in the middle of the window.
func (m *machine) drop(files ...string) {
	m.run(filepath.Join(m.bin, "hand"), append([]string{"drop", "600", "300"}, files...)...)
}

// size makes the window another size.
func (m *machine) size(width, height int) {
	m.run("sh", "-c", fmt.Sprintf("xdotool search --onlyvisible --name Sirocco windowsize --sync %%@ %d %d", width, height))
	time.Sleep(300 * time.Millisecond)
}

// shot takes a screenshot of the window, when screenshots are wanted.
func (m *machine) shot(name string) {
	if m.shots == "" || m.window.ProcessState != nil {
		return
	}
	m.run("xdotool", "mousemove", "600", "6") // where a click that comes late does nothing
	time.Sleep(250 * time.Millisecond)
	m.run("sh", "-c", fmt.Sprintf(`id=$(xdotool search --onlyvisible --name Sirocco | head -1); test -n "$id" && import -window $id -strip -define png:compression-level=9 %s`,
		filepath.Join(m.shots, "window-"+name+".png")))
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// fail ends the test; main cleans up.
func fail(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

type failure string
