package origin

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// raw are parts of texts that Go makes and no person should read.
var raw = []string{"dial tcp", "connect:", "EOF", "x509", "tls:", "token too long", "lookup ", "i/o timeout", "read tcp", "write tcp", "Get \"", "Post \"", "deadline",
	"malformed", "bufio", "proxyconnect", "net/http", "syscall"}

func dialed(n syscall.Errno) error {
	return &url.Error{Op: "Get", URL: "http://a/?key=SECRET", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", n)}}
}

// Every kind of error of a network is a sentence.
func TestPlain(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{dialed(syscall.ECONNREFUSED), "nothing answers there"},
		{dialed(syscall.ECONNRESET), "broke the connection off"},
		{dialed(syscall.EPIPE), "broke the connection off"},
		{dialed(syscall.EHOSTUNREACH), "no way leads there"},
		{dialed(syscall.ENETUNREACH), "online"},
		{dialed(syscall.EACCES), "firewall"},
		{dialed(syscall.ETIMEDOUT), "in time"},
		{dialed(syscall.EMFILE), "too many"},
		{dialed(syscall.EPROTO), "the connection failed"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, "already"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}, "administrator"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)}, "no such address"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: &net.AddrError{Err: "unknown port", Addr: "x"}}, "is the address right"},
		{&net.DNSError{Err: "no such host", Name: "a", IsNotFound: true}, "no machine has this name"},
		{&net.DNSError{Err: "server misbehaving", Name: "a", IsTemporary: true}, "just now"},
		{&net.DNSError{Err: "odd", Name: "a"}, "could not be looked up"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("dial tcp: refused")}, "proxy"},
		{x509.UnknownAuthorityError{}, "trusts"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a"}, "another name"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "clock"},
		{x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}, "not valid"},
		{&tls.CertificateVerificationError{Err: errors.New("x509: odd")}, "not valid"},
		{tls.AlertError(40), "encrypted"},
		{errors.New("remote error: tls: handshake failure"), "encrypted"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "http://"},
		{io.ErrUnexpectedEOF, "broke"},
		{io.EOF, "broke"},
		{bufio.ErrTooLong, "too long"},
		{errors.New("bufio.Scanner: token too long"), "too long"},
		{errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP status code "x"`), "HTTP"},
		{errors.New(`malformed HTTP response "SSH-2.0"`), "HTTP"},
		{errors.New("net/http: server response headers exceeded 1048576 bytes; aborted"), "header"},
		{context.DeadlineExceeded, "in time"},
		{os.ErrDeadlineExceeded, "in time"},
		{fmt.Errorf("deep: %w", fmt.Errorf("down: %w", dialed(syscall.ECONNREFUSED))), "nothing answers"},
		{&url.Error{Op: "Get", URL: "odd://a", Err: errors.New(`unsupported protocol scheme "odd"`)}, "http or https"},
		{&url.Error{Op: "Get", URL: "http://a/?key=SECRET", Err: errors.New("something new")}, "could not be asked"},
	} {
		got := Plain(c.err)
		if !strings.Contains(got.Error(), c.says) || strings.Contains(got.Error(), "SECRET") {
			t.Errorf("%v is told as %q; %q is missing", c.err, got, c.says)
		}
		for _, text := range raw {
			if strings.Contains(got.Error(), text) {
				t.Errorf("%v is told as %q, which has %q", c.err, got, text)
			}
		}
		if !errors.Is(got, c.err) && errors.Unwrap(got) == nil || Plain(got) != got {
			t.Errorf("%v has lost its cause, or is told twice", c.err)
		}
	}
	for _, err := range []error{nil, context.Canceled, errors.New("the device was lost")} {
		if Plain(err) != err {
			t.Errorf("%v became %v", err, Plain(err))
		}
	}
}

// The same, of servers that do wrong for real.
func TestPlainOfServers(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("x"))
		case "/drop":
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		case "/noise":
			c, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(c, "SSH-2.0-OpenSSH\r\n")
			c.Close()
		case "/header":
			w.Header().Set("X-Long", string(bytes.Repeat([]byte("x"), maxHeader+1)))
		case "/late":
			<-r.Context().Done()
		}
	}))
	defer web.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for address, says := range map[string]string{
		gone.URL: "nothing answers", web.URL + "/cut": "broke", web.URL + "/drop": "broke", web.URL + "/noise": "HTTP", web.URL + "/header": "far too long",
		web.URL + "/late": "in time", secure.URL: "trusts", strings.Replace(web.URL, "http:", "https:", 1): "http://", "http://no-such-machine.invalid": "name",
	} {
		client := New(Options{})
		client.Timeout = 2 * time.Minute
		if strings.HasSuffix(address, "/late") {
			client.Timeout = 2 * time.Second
		}
		response, err := client.Get(address)
		if err == nil {
			_, err = io.ReadAll(response.Body)
			response.Body.Close()
		}
		if err == nil {
			t.Errorf("%s answered", address)
			continue
		}
		got := Plain(err).Error()
		if !strings.Contains(got, says) {
			t.Errorf("%s: %q, of %q; %q is missing", address, got, err, says)
		}
		for _, text := range raw {
			if strings.Contains(got, text) {
				t.Errorf("%s: %q has %q", address, got, text)
			}
		}
	}
}
