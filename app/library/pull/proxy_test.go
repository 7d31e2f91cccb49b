package pull

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"sirocco/app/origin"
)

// Behind HTTPS_PROXY everything goes through the tunnel, to a host that this
// machine cannot reach itself.
func TestBehindProxy(t *testing.T) {
	h := newHub(t, 4*testPart)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file" {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.content))
			return
		}
		w.Header().Set("X-Linked-Etag", h.sha())
		w.Header().Set("X-Linked-Size", "65536")
		http.Redirect(w, r, "/bytes", http.StatusFound)
	}))
	defer secure.Close()
	var tunnels atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			t.Errorf("the proxy was asked for %s %s", r.Method, r.Host)
			return
		}
		tunnels.Add(1)
		tunnel(t, w, secure.Listener.Addr().String())
	}))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)

	o := h.options(t)
	o.Files[0].URL = "https://example.com/file" // httptest's certificate is for this name
	o.fill()
	r := newRun(o)
	origin.Transport(r.client.http).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	defer r.client.http.CloseIdleConnections()
	if _, err := r.files(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if tunnels.Load() == 0 {
		t.Error("no request went through the proxy")
	}
}

// tunnel joins a client's connection with a server's.
func tunnel(t *testing.T, w http.ResponseWriter, address string) {
	server, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	go io.Copy(server, client)
	io.Copy(client, server)
}

// A redirect out of HTTPS is not followed.
func TestNoWayOutOfHTTPS(t *testing.T) {
	h := newHub(t, testPart)
	secure := httptest.NewTLSServer(http.RedirectHandler(h.storage.URL, http.StatusFound))
	defer secure.Close()
	o := h.options(t)
	o.Files[0].URL = secure.URL
	o.fill()
	r := newRun(o)
	origin.Transport(r.client.http).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := r.files(t.Context()); !permanent(err) || len(h.asked) > 0 {
		t.Errorf("got %v after %d requests to the plain server", err, len(h.asked))
	}
}
