package cli

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where others can connect there is always a key: made on first use and shown that
// once. On loopback there is none.
func TestServeKeys(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	get := func(v Serve) ([]string, string) {
		t.Helper()
		listener, err := v.listen()
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		keys, note, err := v.keys(listener)
		if err != nil {
			t.Fatal(err)
		}
		return keys, note
	}
	if keys, note := get(Serve{Addr: "127.0.0.1:0"}); len(keys) != 0 || note != "" {
		t.Errorf("on loopback: %d keys, %q", len(keys), note)
	}
	first, note := get(Serve{Addr: "127.0.0.1:0", LAN: true})
	if len(first) != 1 || !strings.Contains(note, first[0]) {
		t.Fatalf("with --lan: %q, %q", first, note)
	}
	again, note := get(Serve{Addr: "0.0.0.0:0"})
	if len(again) != 1 || again[0] != first[0] || strings.Contains(note, first[0]) {
		t.Errorf("the second time: %q, %q", again, note)
	}
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("mine\nyours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if keys, note := get(Serve{Addr: "127.0.0.1:0", LAN: true, APIKeyFile: file}); strings.Join(keys, " ") != "mine yours" || note != "" {
		t.Errorf("with a file: %q, %q", keys, note)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, note := get(Serve{Addr: "127.0.0.1:0", APIKeyFile: file}); !strings.Contains(note, "other users") || strings.Count(note, "\n") != 1 || strings.Contains(note, "mine") {
		t.Errorf("with a file that others can read: %q", note)
	}
}

// What cannot work is said before any weights are read.
func TestServeRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, v := range map[string]Serve{
		"address":     {Addr: "nowhere"},
		"port in use": {Addr: taken.Addr().String()},
		"no key file": {Addr: "127.0.0.1:0", APIKeyFile: "/no/such/file"},
		"half a pair": {Addr: "127.0.0.1:0", TLSCert: "cert.pem"},
		"certificate": {Addr: "127.0.0.1:0", TLSCert: "/no/cert.pem", TLSKey: "/no/key.pem"},
		"parallel":    {Addr: "127.0.0.1:0", Parallel: 65},
		"origin":      {Addr: "127.0.0.1:0", AllowOrigin: []string{"*"}},
	} {
		v.Model = "/no/such/model"
		if err := v.Run(t.Context(), &Streams{Err: io.Discard}); err == nil || strings.Contains(err.Error(), "/no/such/model") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
