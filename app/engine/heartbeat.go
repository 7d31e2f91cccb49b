package engine

import (
	"fmt"
	"sync/atomic"
	"time"

	"sirocco/app/crash"
)

// A child that stands still (stopped, or stuck so that not even a goroutine of its runs)
// would hold its answers and everybody behind them for ever. It therefore says that it
// lives, and a parent that has heard nothing at all for a while kills it: the answers end
// as those of any child that died, and the next question starts a new one. A long pass on
// the device does not keep a child from saying that it lives.
const (
	beat    = 5 * time.Second
	silence = 60 * time.Second
)

// sayAlive sends a line from time to time until done is closed.
func sayAlive(w *writer, every time.Duration, done <-chan struct{}) {
	crash.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				if w.write(news{Alive: true}) != nil {
					return
				}
			}
		}
	})
}

// pulse is when a child was last heard.
type pulse struct {
	lastBeat atomic.Int64 // nanoseconds since began
	busy     atomic.Bool  // a line is being handed on: the silence is ours
	began    time.Time
}

func newPulse() *pulse { return &pulse{began: time.Now()} }

// beat notes a line.
func (p *pulse) beat() { p.lastBeat.Store(int64(time.Since(p.began))) }

// sinceLastBeat is how long nothing was heard.
func (p *pulse) sinceLastBeat() time.Duration {
	if p.busy.Load() {
		return 0
	}
	return time.Since(p.began) - time.Duration(p.lastBeat.Load())
}

// watch kills a child that has been silent for so long.
func (c *link) watch(limit time.Duration) {
	crash.Go(func() {
		ticker := time.NewTicker(limit / 12)
		defer ticker.Stop()
		for {
			select {
			case <-c.gone:
				return
			case <-ticker.C:
				if c.pulse.sinceLastBeat() > limit {
					c.mu.Lock()
					c.hung = fmt.Sprintf("it said nothing for %.0f seconds and was ended", limit.Seconds())
					c.mu.Unlock()
					_ = c.command.Process.Kill()
					return
				}
			}
		}
	})
}
