package view

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

func TestSettingsSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "window.json")
	s, err := LoadSettings(path)
	if err != nil || s.TextScale != 100 || s.Params.Temperature != 0.15 {
		t.Fatalf("the defaults are %+v, %v", s, err)
	}
	s.Theme, s.System, s.Choice.Device = ThemeDark, "Be kind.", "1"
	s.Zoom(+3)
	again, err := LoadSettings(path)
	if err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("%+v came back as %+v, %v", s, again, err)
	}
	if s.Zoom(-100); s.TextScale != MinScale {
		t.Errorf("the text shrinks to %d %%", s.TextScale)
	}
}

func TestDamagedSettingsAreSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	if err := os.WriteFile(path, []byte(`{"Theme": "dark", "TextScale": "`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadSettings(path)
	if err == nil || s.Theme != ThemeSystem || s.TextScale != 100 {
		t.Errorf("damaged settings gave %+v, %v", s, err)
	}
}

// A second start hands its files to the first and goes.
func TestOneInstance(t *testing.T) {
	folder := t.TempDir()
	first, err := Claim(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan []string, 1)
	first.Listen(func(files []string, shown func()) { shown(); came <- files })
	if _, err := Claim(folder, []string{"/a.png"}); !errors.Is(err, ErrRunning) {
		t.Fatalf("a second start gave %v", err)
	}
	select {
	case files := <-came:
		if !reflect.DeepEqual(files, []string{"/a.png"}) {
			t.Errorf("the first got %v", files)
		}
	case <-time.After(20 * time.Minute):
		t.Fatal("the first heard nothing")
	}
	first.Close()
	second, err := Claim(folder, nil)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	second.Close()
}

// A first process that has no window does not swallow a later start: it hangs up or
// says nothing, and loses the profile without taking it along as it ends.
func TestUnseenProcessLosesTheProfile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "window.sock")
	first, err := Claim(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	if handOver(path, nil, 10*time.Millisecond) {
		t.Fatal("one that never answered counts as shown")
	}
	first.Listen(func([]string, func()) { panic("no window") })
	if handOver(path, nil, 100*time.Millisecond) {
		t.Fatal("one that failed at raising its window counts as shown")
	}
	_ = os.Remove(path)
	second, err := Claim(folder, nil)
	if err != nil {
		t.Fatalf("the later start: %v", err)
	}
	defer second.Close()
	first.Close()
	second.Listen(func(_ []string, shown func()) { shown() })
	if _, err := Claim(folder, nil); !errors.Is(err, ErrRunning) {
		t.Errorf("after the first ended, a third start gave %v", err)
	}
}

// What is posted arrives in order, and gathered: much less often than posted.
func TestFeedGathers(t *testing.T) {
	synctest.Test(t, testFeedGathers) // in a time of its own: a busy machine gathers no less
}

func testFeedGathers(t *testing.T) {
	calls, got := 0, []int{}
	done := make(chan struct{})
	f := NewUIQueue(func(work func()) { calls++; work() }, func() {
		if len(got) == 1000 {
			close(done)
		}
	})
	defer func() { f.Close(); synctest.Wait() }()
	for i := range 1000 {
		f.Post(func() { got = append(got, i) })
		if i%100 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	select {
	case <-done:
	case <-time.After(20 * time.Minute):
		t.Fatalf("only %d arrived", len(got))
	}
	for i, v := range got {
		if i != v {
			t.Fatalf("%d arrived at place %d", v, i)
		}
	}
	if calls > 20 {
		t.Errorf("1000 pieces came in %d calls", calls)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 32768: "32,768", -1234: "-1,234", 1000000: "1,000,000"} {
		if got := Number(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
	for x, want := range map[float64]string{0.416: "0.42", 3.84: "3.8", 41.4: "41"} {
		if got := Short(x); got != want {
			t.Errorf("%v is written %s", x, got)
		}
	}
}
