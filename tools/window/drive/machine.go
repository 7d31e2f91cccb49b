package main

import (
	"context"
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
	doing   string // the step that goes on
	cache   string // how long the toolkit remembers its objects, as a variable of the environment; "" is its own minute

	answering string // address of the server that the inspector asks the same
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
			Cached            int
			Notices           []string
		}
		Answering           bool
		Tray, Refused, List []string
		Engine, Model       string
		Query, Notice       string
		Theme               string
		TextScale           int
		Share               string
		Preset              string
		Presets             []string
	}
	Controls map[string][4]float64
	Entry    string
	Page     string
	Found    string
	Focus    string // label of what gets the keys
	Scale    float64
	// Inspector is the second window; nil while it is closed.
	Inspector *inspected
	Size      struct{ Width, Height float64 }
	Laps      map[string]struct {
		Count             int
		Clock, Busy, Next float64 // ms, of the slowest; Next is Busy of the one after it
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
	m.server.ExtraFiles, m.server.Stderr = []*os.File{write}, os.Stderr
	if err := m.server.Start(); err != nil {
		return nil, fmt.Errorf("starting Xvfb, which tools/setup.sh window-test installs: %w", err)
	}
	write.Close()
	number := make([]byte, 8)
	n, err := read.Read(number)
	if err != nil {
		return nil, fmt.Errorf("waiting for the display of Xvfb: %w", err)
	}
	m.display = ":" + strings.TrimSpace(string(number[:n]))
	m.log, err = os.Create(filepath.Join(home, "window.log"))
	return m, err
}

// environment is that of a fresh user.
func (m *machine) environment() []string {
	own := os.Environ()
	if m.cache != "" {
		own = append(own, m.cache)
	}
	return append(own, "DISPLAY="+m.display, "LANG=en_US.UTF-8", "LC_ALL=", "WAYLAND_DISPLAY=",
		"DBUS_SESSION_BUS_ADDRESS=", "XDG_DATA_HOME="+m.home+"/data", "XDG_CONFIG_HOME="+m.home+"/config", "XDG_RUNTIME_DIR="+m.home,
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
	if out, err := m.try(patience, name, args...); err != nil {
		fail("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// try runs a program that may fail, and that may take so long.
func (m *machine) try(limit time.Duration, name string, args ...string) (out []byte, err error) {
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	c := exec.CommandContext(ctx, name, args...)
	c.Env, c.WaitDelay = m.environment(), time.Second
	if out, err = c.CombinedOutput(); ctx.Err() != nil {
		err = fmt.Errorf("it was not done after %v", limit)
	}
	return out, err
}

// read is the window's dump as it is now.
func (m *machine) read() (s state) {
	data, err := os.ReadFile(m.dump())
	if err == nil {
		_ = json.Unmarshal(data, &s)
	}
	return s
}

// patience is how long anything may take: on a machine with other work everything
// takes long, and only what never comes is a fault.
const patience = 120 * time.Second

// until waits for the window to show something.
func (m *machine) until(what string, holds func(state) bool) state {
	for late := time.Now().Add(patience); ; {
		s := m.read()
		if holds(s) {
			return s
		}
		if time.Now().After(late) {
			fail("waited in vain until %s", what)
		}
		if m.ended() {
			fail("the window is gone, while it was waited until %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ended tells whether the window's process is no more, though nobody killed it.
func (m *machine) ended() bool {
	if m.window == nil || m.window.Process == nil || m.window.ProcessState != nil {
		return m.window != nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.window.Process.Pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	return strings.HasPrefix(rest, "Z")
}

// brief is what the window shows, short enough to be printed.
func (s state) brief() string {
	for i := range s.View.Messages {
		text := &s.View.Messages[i].Text
		*text = (*text)[:min(len(*text), 200)]
	}
	s.View.List = s.View.List[:min(len(s.View.List), 10)]
	return fmt.Sprintf("page %q, entry %q, keys go to %q\n%+v\nthe inspector: %+v", s.Page, s.Entry, s.Focus, s.View, s.Inspector)
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
		if m.within(20*time.Second, func(s state) bool { return s.Entry == text }) {
			return
		}
	}
	fail("%q did not come into the entry, which says %q", text, m.read().Entry)
}

// ask asks it.
func (m *machine) ask(text string) {
	m.question(text)
	m.key("Return")
}

// within tells whether the window shows something soon.
func (m *machine) within(limit time.Duration, holds func(state) bool) bool {
	for late := time.Now().Add(limit); time.Now().Before(late); time.Sleep(30 * time.Millisecond) {
		if holds(m.read()) {
			return true
		}
	}
	return false
}

// press clicks the control whose name begins so, once it stays where it is.
func (m *machine) press(name string) {
	var at [4]float64
	s := m.until("there is a control "+name, func(s state) bool {
		before := at
		var there bool
		if at, there = s.control(name); there && at != before {
			time.Sleep(350 * time.Millisecond) // the window tells a change once more after 200 ms
		}
		return there && at == before
	})
	x, y := strconv.Itoa(int((at[0]+at[2]/2)*s.Scale)), strconv.Itoa(int((at[1]+at[3]/2)*s.Scale))
	m.run("xdotool", "mousemove", "3", "3", "sleep", "0.03", "mousemove", x, y, "sleep", "0.25", "click", "1")
}

// pressUntil clicks a control until the window shows what that leads to. On a
// busy machine a click may fall between two layouts of the window.
func (m *machine) pressUntil(name, what string, holds func(state) bool) {
	for range 4 {
		m.press(name)
		if m.within(15*time.Second, holds) { // long enough that a click still on its way does not become two
			return
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

// size makes the window another size. The toolkit may be about to set the old one again,
// so it is asked until it is heard.
func (m *machine) size(width, height int) {
	fits := func(s state) bool {
		return near(s.Size.Width*s.Scale, width) && near(s.Size.Height*s.Scale, height)
	}
	for range 5 {
		m.run("sh", "-c", fmt.Sprintf("xdotool search --onlyvisible --name Sirocco windowsize %%@ %d %d", width, height))
		if m.within(5*time.Second, fits) {
			return
		}
	}
	m.until(fmt.Sprintf("it is %d × %d", width, height), fits)
}

func near(size float64, wanted int) bool { return size > float64(wanted)-2 && size < float64(wanted)+2 }

// keep takes a screenshot of the whole display for whoever looks into a failure, and
// says where it is.
func (m *machine) keep() string {
	file := filepath.Join(os.TempDir(), "sirocco-window-failed.png")
	if m.shots != "" {
		file = filepath.Join(m.shots, "failed.png")
	}
	if out, err := m.try(10*time.Second, "import", "-window", "root", file); err != nil {
		return fmt.Sprintf("none: %v %s", err, out)
	}
	return file
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

// shotBelow takes one of the end of a page.
func (m *machine) shotBelow(name string) {
	if m.shots != "" {
		m.run("xdotool", "mousemove", "700", "300", "click", "--repeat", "80", "--delay", "5", "5")
		m.shot(name)
		m.run("xdotool", "mousemove", "700", "300", "click", "--repeat", "80", "--delay", "5", "4")
	}
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// fail ends the test; main cleans up.
func fail(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

type failure string
