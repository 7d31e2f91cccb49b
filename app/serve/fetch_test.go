package serve

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Addresses that pictures are fetched from, and others.
func TestPublicOnly(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.215.14": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "192.0.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false, "fec0::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::1": false, "2001:0:7f00:1::1": false, "2001:db8::1": false,
	} {
		err := publicOnly(netip.AddrPortFrom(netip.MustParseAddr(address), 80))
		if (err == nil) != public {
			t.Errorf("%s: %v, want public %v", address, err, public)
		}
	}
}

// Whatever way an address of this machine is written, nothing reaches it.
func TestNothingPrivateIsFetched(t *testing.T) {
	reached := false
	secret := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer secret.Close()
	port := netip.MustParseAddrPort(secret.Listener.Addr().String()).Port()
	s := newServer(t, &fake{}, Options{RemoteImages: true})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "127.0.0.1."} {
		url := fmt.Sprintf("http://%s:%d/secret.png", host, port)
		w := ask(s, "POST", chatURL, picture(url))
		if w.Code != 400 || look(t, w.Body.Bytes(), "error.param") != "messages[0].content[0].image_url.url" {
			t.Errorf("%s: status %d: %s", url, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "dial") || strings.Contains(w.Body.String(), "connect") {
			t.Errorf("%s: the error says too much: %s", url, w.Body)
		}
	}
	for _, url := range []string{"http://user:pass@example.org/", "http://", "https:///x", "http://[bad"} {
		if w := ask(s, "POST", chatURL, picture(url)); w.Code != 400 {
			t.Errorf("%s: status %d", url, w.Code)
		}
	}
	if reached {
		t.Error("the private server was reached")
	}
}

// A public server that sends us on to a private one gets no further; what is too
// large, too slow, too winding or broken is an error, not a wait.
func TestFetchLimits(t *testing.T) {
	reached := false
	private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer private.Close()
	dotBytes, err := base64.StdEncoding.DecodeString(dot)
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/dot.png":
			w.Write(dotBytes)
		case "/away":
			http.Redirect(w, r, private.URL, http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/once":
			http.Redirect(w, r, "/dot.png", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/large":
			chunk := make([]byte, 1<<20)
			for range 21 {
				w.Write(chunk)
			}
		case "/slow":
			<-hang
		default:
			http.NotFound(w, r)
		}
	}))
	defer public.Close()
	defer close(hang)
	s := newServer(t, &fake{}, Options{RemoteImages: true})
	s.fetcher = newFetcher(func(to netip.AddrPort) error { // as if this one server were public
		if to.String() == public.Listener.Addr().String() {
			return nil
		}
		return publicOnly(to)
	}, nil)
	for path, want := range map[string]string{
		"/dot.png": "", "/once": "", "/away": "not public", "/file": "led nowhere", "/loop": "led nowhere",
		"/large": "larger than 20 MB", "/slow": "too long", "/missing": "status 404",
	} {
		s.fetcher.client.Timeout = time.Minute
		if path == "/slow" {
			s.fetcher.client.Timeout = 100 * time.Millisecond
		}
		w := ask(s, "POST", chatURL, picture(public.URL+path))
		if want == "" && w.Code != 200 || want != "" && (w.Code != 400 || !strings.Contains(w.Body.String(), want)) {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
	if reached {
		t.Error("the redirect was followed to a private server")
	}
}

// A name whose address was public when it was asked about and is private a moment
// later, when it matters, gets nowhere: what counts is the address connected to.
func TestDNSChange(t *testing.T) {
	var reached atomic.Int32
	secret := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer secret.Close()
	var asked atomic.Int32
	names := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go answerDNS(theirs, func() [4]byte {
			if asked.Add(1) == 1 {
				return [4]byte{93, 184, 215, 14}
			}
			return [4]byte{127, 0, 0, 1}
		})
		return ours, nil
	}}
	if first, err := names.LookupNetIP(t.Context(), "ip4", "changing.example"); err != nil || publicOnly(netip.AddrPortFrom(first[0], 80)) != nil {
		t.Fatalf("the first answer is %v, %v", first, err)
	}
	s := newServer(t, &fake{}, Options{RemoteImages: true})
	s.fetcher = newFetcher(publicOnly, names)
	port := netip.MustParseAddrPort(secret.Listener.Addr().String()).Port()
	w := ask(s, "POST", chatURL, picture(fmt.Sprintf("http://changing.example:%d/secret.png", port)))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "not public") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if asked.Load() < 2 || reached.Load() != 0 {
		t.Errorf("%d names were looked up, the private server was reached %d times", asked.Load(), reached.Load())
	}
}

// answerDNS answers questions for version 4 addresses, as DNS goes over streams:
// each message after its length.
func answerDNS(conn net.Conn, address func() [4]byte) {
	defer conn.Close()
	for {
		var size uint16
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		data := make([]byte, size)
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, data); err != nil || m.Unpack(data) != nil {
			return
		}
		m.Response = true
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: address()},
			}}
		}
		m.Additionals = nil
		reply, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}
