package pull

import (
	"sync"
	"time"
)

// meter counts bytes and tells the listener, at most some ten times a second.
type meter struct {
	mu          sync.Mutex
	printer     func(Event)
	now         Phase
	file        string
	bytes       int64 // of all files
	total       int64
	read        int64 // hashed, of the file that is checked
	size        int64
	lastPrinted time.Time
	marks       []mark // the last seconds of fetching, oldest first
}

// mark is how many bytes had come from the network at a time.
type mark struct {
	at    time.Time
	bytes int64
}

const (
	tellEvery = 100 * time.Millisecond
	window    = 5 * time.Second
)

func newMeter(tell func(Event)) *meter { return &meter{printer: tell} }

// phase begins the next thing that is done to a file.
func (m *meter) phase(now Phase, file string, size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now, m.file, m.size, m.read = now, file, size, 0
	if now == Fetching {
		m.marks = []mark{{time.Now(), m.bytes}}
	}
	m.print("")
}

// add counts bytes that came, or with a negative number that are out again.
func (m *meter) add(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bytes += n
	if n < 0 {
		for i := range m.marks {
			m.marks[i].bytes += n // losing bytes is no speed
		}
	}
	m.perhaps()
}

// hashed counts bytes that were read back.
func (m *meter) hashed(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read += n
	m.perhaps()
}

// note tells of trouble at once.
func (m *meter) note(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.print(text)
}

func (m *meter) perhaps() {
	if time.Since(m.lastPrinted) >= tellEvery {
		m.print("")
	}
}

func (m *meter) print(note string) {
	m.lastPrinted = time.Now()
	e := Event{Phase: m.now, File: m.file, Bytes: m.bytes, Total: m.total, Note: note}
	switch m.now {
	case Checking:
		e.Bytes, e.Total = m.read, m.size
	case Fetching:
		e.Speed = m.speed()
		if e.Speed > 0 {
			e.Left = time.Duration(float64(e.Total-e.Bytes) / e.Speed * float64(time.Second))
		}
	}
	m.printer(e)
}

// speed is that of the last seconds.
func (m *meter) speed() float64 {
	m.marks = append(m.marks, mark{m.lastPrinted, m.bytes})
	for len(m.marks) > 2 && m.lastPrinted.Sub(m.marks[0].at) > window {
		m.marks = m.marks[1:]
	}
	first := m.marks[0]
	if seconds := m.lastPrinted.Sub(first.at).Seconds(); seconds > 0.2 {
		return float64(m.bytes-first.bytes) / seconds
	}
	return 0
}
