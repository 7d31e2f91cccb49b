package serve

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
)

// slowly plays an endless answer until it is cancelled, and says when it begins
// and when it was ended.
func slowly(begun, ended chan<- struct{}) func(context.Context, *chat.Request, func(chat.Event)) error {
	return func(ctx context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "so far"})
		begun <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		say(end(chat.FinishCancelled, "so far", 2))
		return nil
	}
}

// await fails the test when something does not happen soon.
func await(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(10 * time.Minute):
		t.Fatalf("%s did not happen", what)
	}
}

// until waits for a condition that other goroutines bring about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 60_000 { // ten minutes: a limit for what hangs
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s did not happen", what)
}

func post(ctx context.Context, address, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+chatURL, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(r)
}

// A client that goes away ends its answer, and the next one has its turn; one that
// waits and goes away leaves the queue.
func TestClientsGoAway(t *testing.T) {
	for _, body := range []string{hello(""), hello(`"stream": true`)} {
		begun, ended := make(chan struct{}), make(chan struct{})
		engine := &fake{play: slowly(begun, ended)}
		s := newServer(t, engine, Options{})
		address := listen(t, s)
		first, goAway := context.WithCancel(t.Context())
		go post(first, address, body)
		await(t, "the first answer", begun)
		second, giveUp := context.WithCancel(t.Context())
		go post(second, address, body)
		until(t, "the second one's waiting", func() bool { _, waiting := s.queue.load(); return waiting == 1 })
		giveUp()
		until(t, "the second one's leaving", func() bool { _, waiting := s.queue.load(); return waiting == 0 })
		goAway()
		await(t, "the first answer's end", ended)
		until(t, "the engine's rest", func() bool { running, _ := s.queue.load(); return running == 0 })
	}
}

// A client that closes its half of the connection has gone away, too: nobody knows
// whether it still listens.
func TestHalfOpenClient(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	s := newServer(t, &fake{play: slowly(begun, ended)}, Options{})
	conn, err := net.Dial("tcp", listen(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, rawRequest(hello(`"stream": true`), ""))
	await(t, "the answer", begun)
	conn.(*net.TCPConn).CloseWrite()
	await(t, "the answer's end", ended)
	until(t, "the engine's rest", func() bool { running, _ := s.queue.load(); return running == 0 })
}

// A connection that is torn in the middle of a stream, on every route that
// streams, ends the answer within a moment.
func TestClientsCutMidStream(t *testing.T) {
	for url, body := range map[string]string{
		chatURL: hello(`"stream": true`), textURL: `{"prompt": "x", "stream": true}`,
		responsesURL: `{"input": "x", "stream": true}`, anthropicURL: asks(`, "stream": true`),
	} {
		begun, ended := make(chan struct{}), make(chan struct{})
		s := newServer(t, &fake{play: slowly(begun, ended)}, Options{})
		conn, err := net.Dial("tcp", listen(t, s))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, strings.Replace(rawRequest(body, ""), chatURL, url, 1))
		await(t, "the answer", begun)
		conn.(*net.TCPConn).SetLinger(0) // a reset, not a goodbye
		conn.Close()
		await(t, "the end of the answer on "+url, ended)
	}
}

// When the queue is full, the reply says when to come back.
func TestFullQueue(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{}, 2)
	s := newServer(t, &fake{play: slowly(begun, ended)}, Options{Waiting: 1, Grace: time.Millisecond})
	address := listen(t, s)
	go post(t.Context(), address, hello(""))
	await(t, "the first answer", begun)
	go post(t.Context(), address, hello(""))
	until(t, "the second one's waiting", func() bool { _, waiting := s.queue.load(); return waiting == 1 })
	w := ask(s, "POST", chatURL, hello(""))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || look(t, w.Body.Bytes(), "error.code") != "overloaded" {
		t.Errorf("status %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}

// A stop lets the running answer finish within the grace; beyond it the client
// gets what was said. Who waits is sent away at once.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		grace  time.Duration
		reason string
		stop   any
	}{{10 * time.Second, "stop", nil}, {10 * time.Millisecond, "length", "cancelled"}} {
		begun, finish := make(chan struct{}), make(chan struct{})
		engine := &fake{play: func(ctx context.Context, _ *chat.Request, say func(chat.Event)) error {
			begun <- struct{}{}
			select {
			case <-ctx.Done():
				say(end(chat.FinishCancelled, "A red", 2))
			case <-finish:
				say(end(chat.FinishStop, "A red circle.", 4))
			}
			return nil
		}}
		s := newServer(t, engine, Options{Grace: c.grace})
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, listener) }()
		replies := make(chan []byte, 2)
		request := func() {
			response, err := post(t.Context(), listener.Addr().String(), hello(""))
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			data, _ := io.ReadAll(response.Body)
			replies <- data
		}
		go request()
		await(t, "the answer", begun)
		go request()
		until(t, "the second one's waiting", func() bool { _, waiting := s.queue.load(); return waiting == 1 })
		stop()
		if sent := <-replies; look(t, sent, "error.code") != "shutting_down" {
			t.Errorf("who waited got %s", sent)
		}
		if c.reason == "stop" {
			close(finish)
		}
		if got := <-replies; look(t, got, "choices.0.finish_reason") != c.reason || look(t, got, "choices.0.stop_reason") != c.stop {
			t.Errorf("with a grace of %v the running one got %s", c.grace, got)
		}
		if err := <-served; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
			t.Error("the stopped server still listens")
		}
	}
}

// A client that reads nothing does not keep the engine from the others.
func TestSlowReader(t *testing.T) {
	words := make([]string, 70) // 7 MB, more than the system takes for a reader who does not read
	for i := range words {
		words[i] = strings.Repeat("long ", 20_000)
	}
	s := newServer(t, &fake{play: says(chat.FinishStop, words...)}, Options{Grace: time.Millisecond})
	address := listen(t, s)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, rawRequest(hello(`"stream": true`), ""))
	until(t, "the slow one's turn", func() bool { running, _ := s.queue.load(); return running == 1 })
	until(t, "its end", func() bool { running, _ := s.queue.load(); return running == 0 })
	if w := ask(s, "POST", chatURL, hello("")); w.Code != 200 {
		t.Errorf("the next one got status %d", w.Code)
	}
}

// rawRequest is a chat request as bytes, with more headers.
func rawRequest(body, headers string) string {
	return "POST " + chatURL + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// Clients by the dozen: nobody fails, all are served, and nothing is left
// when they are gone.
func TestManyClients(t *testing.T) {
	before := runtime.NumGoroutine()
	engine := &fake{play: says(chat.FinishStop, "A", " red", " circle.")}
	s := newServer(t, engine, Options{})
	address := listen(t, s)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	deadline := time.Now().Add(3 * time.Second)
	served := make([]int, 64)
	var all sync.WaitGroup
	for i := range served {
		all.Go(func() {
			for first := true; first || time.Now().Before(deadline); first = false { // once, however busy the machine is
				body := hello(`"stream": ` + []string{"true", "false"}[i%2])
				response, err := client.Post("http://"+address+chatURL, "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				data, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != 200 || !strings.Contains(string(data), "circle.") {
					t.Errorf("status %d, %v: %s", response.StatusCode, err, data)
					return
				}
				served[i]++
			}
		})
	}
	all.Wait()
	client.CloseIdleConnections()
	least, most := served[0], served[0]
	for _, n := range served {
		least, most = min(least, n), max(most, n)
	}
	t.Logf("served from %d to %d times", least, most)
	if least == 0 { // how alike is for TestQueueIsFair: here the clients themselves compete for the processor
		t.Error("a client was never served")
	}
	until(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before+10 })
	if held := s.bodies.bytes.Load(); held != 0 {
		t.Errorf("%d bytes of bodies are still held", held)
	}
}

// Whole replies, streams and errors leave the connection fit for the next request.
func TestReplyAfterReplyOnOneConnection(t *testing.T) {
	address := listen(t, newServer(t, &fake{}, Options{}))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for i, body := range []string{hello(""), hello(`"stream": true`), hello(`"n": "x"`), hello("")} {
		io.WriteString(conn, rawRequest(body, ""))
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
}

// With a certificate the server speaks HTTPS, and nothing else.
func TestTLS(t *testing.T) {
	lender := httptest.NewTLSServer(nil) // of its certificate and a client that trusts it
	defer lender.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	server := newServer(t, &fake{}, Options{})
	go func() { served <- server.Serve(ctx, listener, lender.TLS.Certificates...) }()
	body := hello(`"stream": true`)
	response, err := lender.Client().Post("https://"+listener.Addr().String()+chatURL, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	events(t, response.Body)
	response.Body.Close()
	if plain, err := post(t.Context(), listener.Addr().String(), body); err == nil && plain.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: status %d", plain.StatusCode)
	}
	lender.Client().CloseIdleConnections()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
