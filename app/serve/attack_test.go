package serve

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends bytes and returns the status lines of what comes back until the server
// closes the connection or says nothing for a while.
func raw(t *testing.T, address, bytes string) []string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, bytes)
	var statuses []string
	reader := bufio.NewReader(conn)
	for {
		conn.SetReadDeadline(time.Now().Add(5 * time.Minute))
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return statuses
		}
		io.Copy(io.Discard, response.Body)
		statuses = append(statuses, fmt.Sprint(response.StatusCode))
	}
}

// served fails the test when an honest client is not answered.
func served(t *testing.T, address string) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Post("http://"+address+chatURL, "application/json", strings.NewReader(hello("")))
	if err != nil {
		t.Errorf("meanwhile: %v", err)
		return
	}
	response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("meanwhile: status %d", response.StatusCode)
	}
}

// Requests hidden in others are either refused or looked at like any other: a
// foreign Host or a missing key gets nowhere.
func TestSmuggling(t *testing.T) {
	engine := &fake{}
	s := newServer(t, engine, Options{Keys: []string{"k"}})
	address := listen(t, s)
	const hidden = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	const key = "Authorization: Bearer k\r\n"
	for name, c := range map[string]struct{ request, want string }{
		"two lengths":         {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + hidden, "[400]"},
		"length and chunks":   {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden, "[400 401]"},
		"odd chunks":          {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden, "[501]"},
		"two encodings":       {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden, "[501]"},
		"space before colon":  {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Length : 2\r\n\r\n{}" + hidden, "[400]"},
		"signed length":       {"POST /tokenize HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Length: +2\r\n\r\n{}" + hidden, "[400]"},
		"two hosts":           {"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n" + key + "\r\n", "[400]"},
		"no host":             {"GET /v1/models HTTP/1.1\r\n" + key + "\r\n", "[400]"},
		"old version":         {"GET /v1/models HTTP/1.0\r\n" + key + "\r\n", "[421]"},
		"address in the line": {"GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + key + "\r\n", "[421]"},
		"null byte":           {"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n" + key + "\r\n", "[400]"},
		"huge header":         {"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", "[431]"},
	} {
		got := fmt.Sprint(raw(t, address, c.request))
		if got != c.want && !(c.want == "[431]" && got == "[]") { // the rest of a huge header may meet a closed door
			t.Errorf("%s: answered %s, want %s", name, got, c.want)
		}
	}
	if len(engine.heard) != 0 {
		t.Error("a smuggled request reached the engine")
	}
}

// Hundreds of half-sent headers and bodies do not keep others out.
func TestSlowloris(t *testing.T) {
	s := newServer(t, &fake{}, Options{Connections: 20})
	address := listen(t, s)
	var held []net.Conn
	defer func() {
		for _, conn := range held {
			conn.Close()
		}
	}()
	for i := range 100 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		half := "POST " + chatURL + " HTTP/1.1\r\nHost: localhost\r\n"
		if i%2 == 0 {
			half += "Content-Length: 1000000\r\n\r\n{"
		}
		io.WriteString(conn, half)
		if i%25 == 0 {
			served(t, address)
		}
	}
	served(t, address)
}

// A body that comes by drops is given up.
func TestTrickle(t *testing.T) {
	b := &pacedBody{in: strings.NewReader("x"), control: http.NewResponseController(nil), bodies: &bodies{}, began: time.Now().Add(-time.Hour)}
	if due := b.due(); time.Now().Before(due) {
		t.Error("after an hour without a byte a body may still come")
	}
	b.size = 1 << 30
	if due := b.due(); time.Now().After(due) {
		t.Error("a gigabyte in an hour is too slow")
	}
}

// Ten gigabytes are refused by their length; without a length, once they are too
// many. Others are served meanwhile.
func TestHugeBody(t *testing.T) {
	address := listen(t, newServer(t, &fake{}, Options{}))
	if got := raw(t, address, "POST "+chatURL+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10737418240\r\n\r\n{"); fmt.Sprint(got) != "[413]" {
		t.Errorf("with its length: answered %v", got)
	}
	reader, writer := io.Pipe()
	go func() {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for i := range 10 << 10 {
			if i == 32 {
				served(t, address)
			}
			if _, err := writer.Write(chunk); err != nil {
				return
			}
		}
	}()
	response, err := http.Post("http://"+address+chatURL, "application/json", reader)
	writer.CloseWithError(io.ErrClosedPipe)
	if err == nil {
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("in pieces: status %d", response.StatusCode)
		}
	} // else the door was closed while the client still wrote
	served(t, address)
}

// Large bodies together have a limit; small ones always get through.
func TestBodyMemory(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	s.bodies.bytes.Store(bodyMemory)
	if w := ask(s, "POST", chatURL, hello(`"x": "`+strings.Repeat("x", 2<<20)+`"`)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a large one: status %d", w.Code)
	}
	if w := ask(s, "POST", chatURL, hello("")); w.Code != 200 {
		t.Errorf("a small one: status %d", w.Code)
	}
	if held := s.bodies.bytes.Load(); held != bodyMemory {
		t.Errorf("%d bytes were not given back", held-bodyMemory)
	}
}

// A small file that claims to be an enormous picture is refused by its header, and
// so are many large ones together.
func TestPictureBomb(t *testing.T) {
	engine := &fake{}
	s := newServer(t, engine, Options{})
	bomb := "data:image/png;base64," + base64.StdEncoding.EncodeToString(pngHeader(50_000, 50_000))
	if w := ask(s, "POST", chatURL, picture(bomb)); w.Code != 400 || !strings.Contains(w.Body.String(), "megapixels") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if len(engine.heard) != 0 {
		t.Error("the engine was asked all the same")
	}
}

// pngHeader is the start of a PNG of a size.
func pngHeader(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 2, 0, 0, 0)
	chunk := append([]byte("IHDR"), header...)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(header)))
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}
