package cli

import (
	"context"
	"net"
	"strings"
	"testing"
)

// flood is a stream without end.
type flood struct{}

func (flood) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// A stream without an end is given up, with a sentence.
func TestStreamsHaveASize(t *testing.T) {
	if _, err := readAtMost(flood{}, "the input", 1<<20); err == nil || !strings.Contains(err.Error(), "the input has more than 1 MB") {
		t.Errorf("an endless input: %v", err)
	}
	if data, err := readAtMost(strings.NewReader("abc"), "the input", 3); err != nil || string(data) != "abc" {
		t.Errorf("as much as there may be: %q, %v", data, err)
	}
	if _, err := newTyped(flood{}).next(context.Background()); err == nil || !strings.Contains(err.Error(), "a line is longer") || strings.Contains(err.Error(), "token") {
		t.Errorf("an endless line: %v", err)
	}
}

// A port that cannot be had is said in words.
func TestPortsInWords(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, says := range map[string]string{
		taken.Addr().String(): "another program listens there already", "192.0.2.1:0": "no such address", "127.0.0.1:x": "is the address right", "no-such-name.invalid:0": "is the address right",
	} {
		_, err := (&Serve{Addr: address}).listen()
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "bind:") || strings.Contains(err.Error(), "lookup ") {
			t.Errorf("%s: %v; %q is missing", address, err, says)
		}
	}
}
