package serve

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
)

// All attacks at once, and one honest client who is served all the while, quickly.
func TestServedUnderAttack(t *testing.T) {
	engine := &fake{play: says(chat.FinishStop, "A", " red", " circle.")}
	address := listen(t, newServer(t, engine, Options{Connections: 64}))
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	again := func(attack func()) {
		all.Go(func() {
			for ctx.Err() == nil {
				attack()
			}
		})
	}
	bomb := "data:image/png;base64," + base64.StdEncoding.EncodeToString(pngHeader(50_000, 50_000))
	many := strings.Repeat(`{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},`, 10_000)
	refused := func(name, body string) func() {
		return func() {
			response, err := post(ctx, address, body)
			if err != nil {
				return // the door was closed while this was still being said
			}
			defer response.Body.Close()
			io.Copy(io.Discard, response.Body)
			if response.StatusCode < 400 || response.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s: status %d", name, response.StatusCode)
			}
		}
	}
	again(refused("a picture bomb", picture(bomb)))
	again(refused("10,001 pictures", `{"messages": [{"role": "user", "content": [`+many+`{"type": "image_url", "image_url": {"url": ""}}]}]}`))
	again(refused("depth", hello(`"x": `+strings.Repeat("[", 1_000_000)+strings.Repeat("]", 1_000_000))))
	again(refused("values", hello(`"x": [0`+strings.Repeat(",0", 1_000_001)+`]`)))
	again(refused("a local address", picture("http://127.0.0.1:1/x.png")))
	again(func() { refusedAs(t, ctx, address, "evil.example", "", http.StatusMisdirectedRequest) })
	again(func() { refusedAs(t, ctx, address, "", "https://evil.example", http.StatusForbidden) })
	again(func() { // ten gigabytes, and half a header that never ends
		if conn, err := net.Dial("tcp", address); err == nil {
			io.WriteString(conn, "POST "+chatURL+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10737418240\r\n\r\n"+strings.Repeat(" ", 1<<20))
			conn.Close()
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			io.WriteString(conn, "POST "+chatURL+" HTTP/1.1\r\nHost: local")
			context.AfterFunc(ctx, func() { conn.Close() }) // until then it keeps a place
		}
		time.Sleep(10 * time.Millisecond)
	})
	longest := time.Duration(0)
	for until := time.Now().Add(time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		began := time.Now()
		served(t, address)
		longest = max(longest, time.Since(began))
	}
	stop()
	all.Wait()
	t.Logf("the honest client waited %v at most", longest)
	for _, r := range engine.heard {
		if got := talk(r); got != "user: What is it?" {
			t.Fatalf("the engine heard an attacker: %s", got)
		}
	}
}

// refusedAs asks under another name or from another page.
func refusedAs(t *testing.T, ctx context.Context, address, host, origin string, want int) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+chatURL, bytes.NewReader([]byte(hello(""))))
	if err != nil {
		t.Error(err)
		return
	}
	if host != "" {
		r.Host = host
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return // the attack is over
	}
	response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("Host %q, Origin %q: status %d", host, origin, response.StatusCode)
	}
}
