package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Names by which the server may be called, and others.
func TestHost(t *testing.T) {
	s := newServer(t, &fake{}, Options{AllowHosts: []string{"Models.Example"}})
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST:1": 200, "localhost.": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "[::1]": 200,
		"192.168.1.7:8080": 200, "models.example:8080": 200, own: 200, strings.ToUpper(own) + ":80": 200,
		"evil.example": 421, "evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "x.localhost": 421,
		"models.example.evil": 421, "2130706433": 421, "0x7f.1": 421, "": 421, ":8080": 421, "user@localhost": 421, "localhost:8080:1": 421,
	} {
		for _, path := range []string{"/v1/models", "/health"} {
			if w := ask(s, "GET", path, "", "Host", host); w.Code != want {
				t.Errorf("Host %q on %s: status %d, want %d", host, path, w.Code, want)
			}
		}
	}
}

// Web pages are kept out unless they are on the list; nothing is ever reflected.
func TestOrigin(t *testing.T) {
	s := newServer(t, &fake{}, Options{AllowOrigins: []string{"https://good.example"}})
	for _, c := range []struct {
		origin string
		want   int
	}{
		{"https://good.example", 200}, {"http://good.example", 403}, {"https://good.example:444", 403}, {"https://good.example.evil", 403},
		{"https://evil.example", 403}, {"null", 403}, {"http://localhost:8080", 403}, {"", 403},
	} {
		w := ask(s, "POST", chatURL, hello(""), "Origin", c.origin)
		if w.Code != c.want {
			t.Errorf("Origin %q: status %d, want %d", c.origin, w.Code, c.want)
		}
		allowed := w.Header().Get("Access-Control-Allow-Origin")
		if want := c.origin; c.want == 200 && allowed != want || c.want != 200 && allowed != "" {
			t.Errorf("Origin %q is answered with Access-Control-Allow-Origin %q", c.origin, allowed)
		}
		if w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("Origin %q may send cookies", c.origin)
		}
	}
	if w := ask(s, "GET", "/v1/models", "", "Origin", "https://good.example", "Origin", "https://evil.example"); w.Code != 403 {
		t.Errorf("two origins: status %d", w.Code)
	}
	for _, bad := range []string{"*", "https://*.example", "good.example", "https://good.example/", "https://"} {
		if _, err := New(Options{Engine: &fake{}, AllowOrigins: []string{bad}}); err == nil {
			t.Errorf("--allow-origin %q was taken", bad)
		}
	}
}

// A browser asks first. It sends no key with that question.
func TestPreflight(t *testing.T) {
	s := newServer(t, &fake{}, Options{AllowOrigins: []string{"https://good.example"}, Keys: []string{"k"}})
	w := ask(s, "OPTIONS", chatURL, "", "Origin", "https://good.example", "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "content-type, x-stainless-lang, x-evil")
	headers := w.Header().Get("Access-Control-Allow-Headers")
	if w.Code != 204 || !strings.Contains(headers, "authorization") || !strings.Contains(headers, "x-stainless-lang") || strings.Contains(headers, "evil") {
		t.Errorf("status %d, headers %q", w.Code, headers)
	}
	if w := ask(s, "OPTIONS", chatURL, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"); w.Code != 403 {
		t.Errorf("a foreign page's question: status %d", w.Code)
	}
	if w := ask(s, "OPTIONS", chatURL, ""); w.Code != 401 {
		t.Errorf("OPTIONS without a page: status %d", w.Code)
	}
}

// Every address but /health needs the key, known or not.
func TestKey(t *testing.T) {
	s := newServer(t, &fake{}, Options{Keys: []string{"right", "other"}})
	type request struct{ method, path string }
	routes := []request{{"GET", "/nothing"}, {"GET", "/"}, {"DELETE", chatURL}, {"GET", "/health/"}}
	for path, methods := range s.paths {
		for _, method := range methods {
			if path != "/health" {
				routes = append(routes, request{method, strings.Replace(path, "{id...}", "fake", 1)})
			}
		}
	}
	if len(routes) < 10 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, r := range routes {
		for _, headers := range [][]string{{}, {"Authorization", "Bearer wrong"}, {"Authorization", "Bearer "}, {"Authorization", "right"},
			{"Authorization", "Basic right"}, {"X-Api-Key", "wrong"}, {"Authorization", "Bearer wrong", "X-Api-Key", "right"}} {
			w := ask(s, r.method, r.path, "{}", headers...)
			if w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %v: status %d", r.method, r.path, headers, w.Code)
			}
		}
		for _, headers := range [][]string{{"Authorization", "Bearer right"}, {"authorization", "bearer other"}, {"X-Api-Key", "right"}} {
			if w := ask(s, r.method, r.path, "{}", headers...); w.Code == 401 {
				t.Errorf("%s %s with %v was refused", r.method, r.path, headers)
			}
		}
	}
	if w := ask(s, "GET", "/health", ""); w.Code != 200 {
		t.Errorf("/health: status %d", w.Code)
	}
	open := newServer(t, &fake{}, Options{})
	if w := ask(open, "POST", chatURL, hello(""), "Authorization", "Bearer EMPTY"); w.Code != 200 {
		t.Errorf("without a key configured EMPTY gets status %d", w.Code)
	}
}

// A key is made once, for its owner alone.
func TestStoredKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "serve.key")
	key, fresh, err := StoredKey(path)
	if err != nil || !fresh || len(key) < 20 {
		t.Fatalf("key %q, fresh %v, %v", key, fresh, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if again, fresh, err := StoredKey(path); again != key || fresh || err != nil {
		t.Errorf("the second time: %q, fresh %v, %v", again, fresh, err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err == nil { // where there is such a thing
		if err := writeKey(full, key); err == nil {
			t.Error("a key was stored on a full disk")
		}
	}
	if _, _, err := StoredKey(filepath.Join(path, "under a file")); err == nil || !strings.Contains(err.Error(), "API key") {
		t.Errorf("under a file: %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKeys(empty); err == nil {
		t.Error("a file without keys was taken")
	}
	if _, _, err := StoredKey(empty); err == nil {
		t.Error("an empty key file was taken for a key")
	}
}
