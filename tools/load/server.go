package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is the program under load.
type server struct {
	command *exec.Cmd
	url     string
}

// start runs the server on a free port, making so many answers at once, and waits until it listens.
func start(program string, parallel int) (*server, error) {
	command := exec.Command(program, "serve", "--addr", "127.0.0.1:0", "--parallel", strconv.Itoa(parallel))
	said, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w; build it with make build", err)
	}
	s := &server{command: command}
	lines := bufio.NewReader(said)
	for s.url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the server ended before it listened; its last words: %q", line)
		}
		s.url, _ = strings.CutPrefix(strings.TrimSpace(line), "listening on ")
		if !strings.HasPrefix(s.url, "http") {
			s.url = ""
		}
	}
	go io.Copy(io.Discard, lines)
	return s, nil
}

func (s *server) stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	_ = s.command.Wait()
}

// goroutines is what the server says of itself in its metrics.
func (s *server) goroutines() (int, error) {
	count, err := s.metric("go_goroutines")
	return int(count), err
}

// shared is for how many answers a pass over the weights chose a token, on average.
func (s *server) shared() (float64, error) {
	answers, err := s.metric("sirocco:decode_pass_answers_sum")
	if err != nil {
		return 0, err
	}
	passes, err := s.metric("sirocco:decode_pass_answers_count")
	return answers / max(passes, 1), err
}

// metric reads a number of the server's metrics, the first of that name.
func (s *server) metric(name string) (float64, error) {
	response, err := http.Get(s.url + "/metrics")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		sample, value, found := strings.Cut(lines.Text(), " ")
		if label := strings.IndexByte(sample, '{'); label >= 0 {
			sample = sample[:label]
		}
		if found && sample == name {
			return strconv.ParseFloat(value[strings.LastIndexByte(value, ' ')+1:], 64)
		}
	}
	return 0, fmt.Errorf("the server's metrics do not have %s", name)
}

// settled waits, after the load, until there are at most so many goroutines, or
// for as long as a connection may take to be given up.
func (s *server) settled(most int) (count int, err error) {
	http.DefaultClient.CloseIdleConnections()
	for range 35 {
		if count, err = s.goroutines(); err != nil || count <= most {
			return count, err
		}
		time.Sleep(time.Second)
	}
	return count, nil
}

// memory is what the server and its engine held together, in bytes, over time.
type memory []int64

// watch samples the memory until ctx ends.
func (s *server) watch(ctx context.Context, every time.Duration) <-chan memory {
	out := make(chan memory, 1)
	go func() {
		var all memory
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				out <- all
				return
			case <-tick.C:
				if bytes := resident(s.command.Process.Pid); bytes > 0 {
					all = append(all, bytes)
				}
			}
		}
	}()
	return out
}

// early and late are the memory after a quarter of the time, and at the end.
func (m memory) early() int64 { return m[len(m)/4] }
func (m memory) late() int64  { return m[len(m)-1] }

func (m memory) String() string {
	if len(m) == 0 {
		return "not known on this system"
	}
	return fmt.Sprintf("%d MB after a quarter of the time, %d MB at the end", m.early()>>20, m.late()>>20)
}

// verdict says when memory grew.
func (m memory) verdict() error {
	if len(m) == 0 {
		return nil
	}
	if grown := m.late() - m.early(); grown > growthAllowed && float64(m.late()) > maxGrowth*float64(m.early()) {
		return fmt.Errorf("memory grew by %d MB: %v", grown>>20, m)
	}
	return nil
}

// resident is the resident memory of a process and its children, as Linux tells
// it; 0 elsewhere.
func resident(pid int) (total int64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	if fields := strings.Fields(string(data)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		total = pages * int64(os.Getpagesize())
	}
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				total += resident(id)
			}
		}
	}
	return total
}
