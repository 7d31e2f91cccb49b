//go:build !headless && linux

package inspector

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"golang.org/x/sys/unix"

	"sirocco/app/history"
	"sirocco/app/inspect/controller"
	"sirocco/app/inspect/controller/desktest"
)

// laps are the slowest callbacks by name, and how often each ran. What counts is the
// processor's time for the thread: by the clock a callback also waits for other
// programs.
type laps struct {
	mu      sync.Mutex
	slowest map[string]time.Duration
	count   map[string]int
	work    chan func() // what is to be done in the toolkit's goroutine: the test's
	over    chan struct{}
}

func newLaps(t *testing.T) *laps {
	l := &laps{slowest: map[string]time.Duration{}, count: map[string]int{}, work: make(chan func()), over: make(chan struct{})}
	t.Cleanup(func() { close(l.over) })
	return l
}

// do has the test do something, while it awaits.
func (l *laps) do(f func()) {
	done := make(chan struct{})
	select {
	case l.work <- func() { f(); close(done) }:
		<-done
	case <-l.over:
	}
}

func (l *laps) lap(name string) func() {
	runtime.LockOSThread()
	began := worked(unix.CLOCK_THREAD_CPUTIME_ID)
	return func() {
		took := worked(unix.CLOCK_THREAD_CPUTIME_ID) - began
		runtime.UnlockOSThread()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.slowest[name] = max(l.slowest[name], took)
		l.count[name]++
	}
}

// worked is how long the processor has worked for this thread, or all of the process.
func worked(clock int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

func (l *laps) ran(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count[name] > 0
}

// most is the slowest of all callbacks.
func (l *laps) most() (name string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, t := range l.slowest {
		if t > took {
			name, took = n, t
		}
	}
	return name, took
}

// A turn of 30,000 prompt tokens, 10 pictures and 200 calls opens, and scrolls from
// end to end, in the prompt, the timeline, the pictures and the tokens. What each
// callback took is printed, not asserted: aim at 50 ms.
func TestLargeTurn(t *testing.T) {
	store, err := history.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	conversation, _, err := desktest.Large(store)
	if err != nil {
		t.Fatal(err)
	}
	l := newLaps(t)
	inWindow(t)
	opened, clock := look(t, store, conversation, l)
	name, took := l.most()
	t.Logf("opened in %d ms of the processor, %d by the clock; the slowest callback is %s with %.1f ms", opened.Milliseconds(), clock.Milliseconds(), name, took.Seconds()*1000)
}

// inWindow fails the test where a text is measured outside the toolkit's goroutine,
// which is the test's: the toolkit has one shaper.
func inWindow(t *testing.T) {
	before := measureText
	t.Cleanup(func() { measureText = before })
	measureText = func(text string, size float32, style fyne.TextStyle) fyne.Size {
		if stack := debug.Stack(); !bytes.Contains(stack, []byte("testing.tRunner")) {
			t.Errorf("%q is measured outside the toolkit's goroutine:\n%s", text, stack)
		}
		return before(text, size, style)
	}
}

// look opens the turn and scrolls through all there is.
func look(t *testing.T, store *history.Store, conversation int64, l *laps) (opened, clock time.Duration) {
	t.Helper()
	app := test.NewApp()
	defer app.Quit()
	began, before := time.Now(), worked(unix.CLOCK_PROCESS_CPUTIME_ID)
	i := New(Options{App: app, Controller: &controller.Controller{Store: store}, Lap: l.lap, Do: l.do}, conversation)
	defer i.win.Close()
	await(t, l, "inspector prompt")
	opened, clock = worked(unix.CLOCK_PROCESS_CPUTIME_ID)-before, time.Since(began)
	if len(i.prompt.flow.boxes) < 12_000 || len(i.view.Calls()) != 200 || len(i.prompt.flow.drawn) == 0 {
		t.Fatalf("%d boxes, %d calls and %d lines are shown", len(i.prompt.flow.boxes), len(i.view.Calls()), len(i.prompt.flow.drawn))
	}
	scroll(i.prompt.flow)
	for row := 0; row < len(i.view.Rows); row += 3 {
		i.timeline.list.ScrollTo(row)
	}
	i.tabs.SelectIndex(tabPictures)
	await(t, l, "inspector pictures")
	i.tabs.SelectIndex(tabTokens)
	scroll(i.tokens.flow)
	i.tabs.SelectIndex(tabCall)
	return opened, clock
}

func await(t *testing.T, l *laps, name string) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for !l.ran(name) {
		select {
		case work := <-l.work:
			work()
		case <-late:
			t.Fatalf("%s has not come", name)
		}
	}
}

// scroll turns the wheel from the beginning to the end of a flow.
func scroll(f *flow) {
	for before := float32(-1); f.scroll.Offset.Y > before; {
		before = f.scroll.Offset.Y
		f.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -400)})
	}
}
