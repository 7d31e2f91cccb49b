package origin

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// plain is an error in words for a person; errors.Is still finds its cause.
type plain struct {
	words string
	cause error
}

func (p *plain) Error() string { return p.words }
func (p *plain) Unwrap() error { return p.cause }

// Plain turns what Go says about a network into a sentence about the other side,
// which the caller names: "it did not answer in time". Errors that are not the
// network's stay as they are.
func Plain(err error) error {
	var done *plain
	if err == nil || errors.Is(err, context.Canceled) || errors.As(err, &done) && done == err {
		return err
	}
	if errors.As(err, &done) {
		return done
	}
	if errors.Is(err, ErrRedirect) {
		return unwrapped(err)
	}
	for _, words := range []func(error) string{ofProxy, ofListening, ofName, ofCertificate, ofEncryption, ofSystem, ofStream, ofText, ofRest} {
		if said := words(err); said != "" {
			return &plain{said, err}
		}
	}
	return err
}

// unwrapped is an error without the method and address that Go puts before it.
func unwrapped(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// ofProxy speaks of what stands between us and the other side.
func ofProxy(err error) string {
	var at *net.OpError
	if !errors.As(err, &at) || at.Op != "proxyconnect" {
		return ""
	}
	return "the proxy between us does not let the connection through; look at HTTPS_PROXY and HTTP_PROXY"
}

// ofListening speaks of ports that cannot be taken.
func ofListening(err error) string {
	var at *net.OpError
	var number syscall.Errno
	if !errors.As(err, &at) || at.Op != "listen" {
		return ""
	}
	if errors.As(at, &number) {
		switch {
		case number == syscall.EADDRINUSE || runtime.GOOS == "windows" && number == 10048:
			return "another program listens there already"
		case number == syscall.EACCES || runtime.GOOS == "windows" && number == 10013:
			return "the system keeps this port for its administrator, or for another program"
		case number == syscall.EADDRNOTAVAIL || runtime.GOOS == "windows" && number == 10049:
			return "this machine has no such address"
		}
	}
	return "the port cannot be taken; is the address right?"
}

// ofName speaks of names that lead to no machine.
func ofName(err error) string {
	var name *net.DNSError
	switch {
	case !errors.As(err, &name):
		return ""
	case name.IsNotFound:
		return "no machine has this name; is it spelt right?"
	case name.IsTimeout, name.IsTemporary:
		return "its name could not be looked up just now; is this machine online?"
	}
	return "its name could not be looked up"
}

// ofCertificate speaks of certificates that do not prove who is there.
func ofCertificate(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var roots x509.SystemRootsError
	var other *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return "its certificate is signed by nobody whom this machine trusts"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate is not valid today; is the clock of this machine right?"
	case errors.As(err, &roots):
		return "its certificate cannot be checked, for this machine has no list of whom to trust"
	case errors.As(err, &invalid), errors.As(err, &other):
		return "its certificate is not valid"
	}
	return ""
}

// ofEncryption speaks of two sides that do not find one way to speak.
func ofEncryption(err error) string {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	switch {
	case errors.As(err, &record), strings.Contains(text, "HTTP response to HTTPS client"):
		return "it does not speak HTTPS; try an address that begins with http://"
	case errors.As(err, &alert), strings.Contains(text, "remote error: tls:"), strings.Contains(text, "tls: "):
		return "it refuses the encrypted connection"
	case strings.Contains(text, `malformed HTTP response "\x15\x03`), strings.Contains(text, "HTTP request to an HTTPS server"):
		return "it speaks HTTPS; try an address that begins with https://"
	}
	return ""
}

// refusals are what the system says of a connection, on Unix and in Windows' numbers.
var refusals = []struct {
	unix  syscall.Errno
	wsa   syscall.Errno
	words string
}{
	{syscall.ECONNREFUSED, 10061, "nothing answers there; is it running, and is the address right?"},
	{syscall.ECONNRESET, 10054, brokeOff},
	{syscall.ECONNABORTED, 10053, brokeOff},
	{syscall.EPIPE, 10058, brokeOff},
	{syscall.EHOSTUNREACH, 10065, "no way leads there; is it switched on, and in the same network?"},
	{syscall.ENETUNREACH, 10051, "no way leads there; is this machine online?"},
	{syscall.ENETDOWN, 10050, "the network of this machine is down"},
	{syscall.EADDRNOTAVAIL, 10049, "this machine cannot reach such an address"},
	{syscall.EACCES, 10013, "this machine does not let us connect; a firewall, perhaps"},
	{syscall.EPERM, 10013, "this machine does not let us connect; a firewall, perhaps"},
	{syscall.ETIMEDOUT, 10060, late},
	{syscall.EMFILE, 10024, "this program has too many files and connections open"},
}

const (
	brokeOff = "it broke the connection off"
	late     = "it did not answer in time"
)

// ofSystem speaks of connections that the system could not make or keep.
func ofSystem(err error) string {
	var at *net.OpError
	var number syscall.Errno
	if errors.As(err, &at) && errors.As(at, &number) {
		for _, r := range refusals {
			if number == r.unix || runtime.GOOS == "windows" && number == r.wsa {
				return r.words
			}
		}
	}
	var waited net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &waited) && waited.Timeout() {
		return late
	}
	return ""
}

// ofStream speaks of what came, or did not.
func ofStream(err error) string {
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return "it sent one message that is far too long"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return brokeOff
	}
	return ""
}

// texts are errors that Go makes without a type, and those whose type was lost in
// a library between.
var texts = []struct{ part, words string }{
	{"connection refused", "nothing answers there; is it running, and is the address right?"},
	{"no such host", "no machine has this name; is it spelt right?"},
	{"connection reset", brokeOff},
	{"broken pipe", brokeOff},
	{"server closed idle connection", brokeOff},
	{"connection closed", brokeOff},
	{"client is closing", brokeOff},
	{"http2: ", brokeOff},
	{"stream error", brokeOff},
	{"unexpected EOF", brokeOff},
	{"malformed HTTP", "what answers there does not speak HTTP"},
	{"malformed MIME header", "what answers there does not speak HTTP"},
	{"malformed chunked encoding", "what it sends is no sound HTTP"},
	{"invalid chunk", "what it sends is no sound HTTP"},
	{"server response headers exceeded", "the header of its answer is far too long"},
	{"transport connection broken", brokeOff},
	{"token too long", "it sent one message that is far too long"},
	{"maximum line length", "it sent one message that is far too long"},
	{"event exceeded", "it sent one message that is far too long"},
	{"unsupported protocol scheme", "its address is none that can be reached; http or https was expected"},
	{"invalid header field", "a header that was set for it holds characters that no header may"},
	{"x509: ", "its certificate is not valid"},
	{"certificate", "its certificate is not valid"},
	{"i/o timeout", late},
	{"deadline exceeded", late},
	{"Client.Timeout", late},
}

// ofText speaks of errors known by their text alone.
func ofText(err error) string {
	for _, t := range texts {
		if strings.Contains(err.Error(), t.part) {
			return t.words
		}
	}
	return ""
}

// ofRest is for what is the network's, but of no known kind.
func ofRest(err error) string {
	var at *net.OpError
	var wrapped *url.Error
	switch {
	case errors.As(err, &at):
		return "the connection failed"
	case errors.As(err, &wrapped):
		return "it could not be asked"
	}
	return ""
}
