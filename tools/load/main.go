// Command load puts a server under load and says whether it stood it: many equal
// clients on loopback ask `sirocco serve` on the miniature through every route,
// others cut their streams or read too slowly. It fails when a client got an error
// other than 429 or 503 with Retry-After, when the clients were not served alike,
// when memory grew, or when goroutines were left over. Open this file first;
// clients.go asks, server.go starts and watches the server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"
)

// What a server that stands the load may show.
const (
	maxUnfair     = 1.5      // most served client / least served client
	maxGrowth     = 1.2      // resident memory at the end / after a quarter of the time
	growthAllowed = 32 << 20 // bytes that are no growth in any case
	maxLeftOver   = 16       // goroutines, beyond those before the load
)

func main() {
	program := flag.String("server", "bin/sirocco", "the program to put under load")
	minutes := flag.Float64("minutes", 5, "for how long")
	clients := flag.Int("clients", 64, "equal clients")
	rude := flag.Int("rude", 4, "clients beside them that cut their streams or read slowly")
	parallel := flag.Int("parallel", 4, "answers the server makes at once")
	out := flag.String("out", "", "the file that the table of results is written to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := &result{during: time.Duration(*minutes * float64(time.Minute)), clients: *clients, rude: *rude, parallel: *parallel, busy: busy()}
	if err := r.run(ctx, *program, *out); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run loads a server for a while, says what happened, and returns what is wrong
// with it.
func (r *result) run(ctx context.Context, program, out string) error {
	server, err := start(program, r.parallel)
	if err != nil {
		return err
	}
	defer server.stop()
	if r.before, err = server.goroutines(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.during)
	defer cancel()
	samples := server.watch(ctx, r.during/40)
	r.tallies = load(ctx, server.url, r.clients, r.rude)
	r.memory = <-samples
	if r.shared, err = server.shared(); err != nil {
		return err
	}
	if r.after, err = server.settled(r.before + maxLeftOver); err != nil {
		return err
	}
	wrong := errors.Join(verdict(r.tallies), r.memory.verdict(), leftOver(r.before, r.after))
	return errors.Join(wrong, r.tell(out, wrong))
}

// load runs the clients until ctx ends.
func load(ctx context.Context, url string, clients, rude int) []*counters {
	tallies := make([]*counters, clients)
	var all sync.WaitGroup
	for i := range tallies {
		tallies[i] = &counters{refused: map[int]int{}}
		all.Go(func() { newClient(url, i).work(ctx, tallies[i]) })
	}
	for i := range rude {
		all.Go(func() { newClient(url, clients+i).misbehave(ctx) })
	}
	all.Wait()
	return tallies
}

// counters is what one client saw.
type counters struct {
	served  int
	refused map[int]int // status → times, each with Retry-After
	waits   []time.Duration
	errs    []error
}

// extremes are the answers of the least and of the most served client.
func extremes(tallies []*counters) (least, most int) {
	least = tallies[0].served
	for _, t := range tallies {
		least, most = min(least, t.served), max(most, t.served)
	}
	return least, most
}

// verdict says what clients had to complain of.
func verdict(tallies []*counters) error {
	for i, t := range tallies {
		if len(t.errs) > 0 {
			return fmt.Errorf("client %d met %d errors, the first: %w", i, len(t.errs), t.errs[0])
		}
	}
	least, most := extremes(tallies)
	if least == 0 || float64(most)/float64(least) > maxUnfair {
		return fmt.Errorf("equal clients were served from %d to %d times; at most %.1f times as often is fair", least, most, maxUnfair)
	}
	return nil
}

func leftOver(before, after int) error {
	if after > before+maxLeftOver {
		return fmt.Errorf("%d goroutines before the load became %d", before, after)
	}
	return nil
}
