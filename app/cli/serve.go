package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"sirocco/app/origin"
	"sirocco/app/serve"
	"sirocco/model/chattemplate"
)

// Serve answers OpenAI's HTTP requests until it is stopped.
type Serve struct {
	ModelFlags

	Addr              string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 takes a free one."`
	LAN               bool          `name:"lan" help:"Listen on all interfaces. Without --api-key-file a key is made, stored and shown once."`
	APIKeyFile        string        `name:"api-key-file" placeholder:"FILE" help:"Let in only who has one of the keys in this file, one on each line."`
	AllowHost         []string      `sep:"none" placeholder:"NAME" help:"Another name by which this server may be called; repeat for more."`
	AllowOrigin       []string      `sep:"none" placeholder:"ORIGIN" help:"A web page that may use this server, as https://example.org; repeat for more."`
	AllowRemoteImages bool          `help:"Fetch pictures that are given as http and https addresses, from the public web only."`
	TLSCert           string        `name:"tls-cert" placeholder:"FILE" help:"Certificate (PEM); with --tls-key the server speaks HTTPS."`
	TLSKey            string        `name:"tls-key" placeholder:"FILE" help:"The certificate's private key (PEM)."`
	NoStore           bool          `help:"Remember no responses; previous_response_id and item_reference are refused."`
	Parallel          int           `placeholder:"N" help:"Answers that are made at once. Without it: 4, where there is memory for their keys and values; given, the context gets shorter to make room, unless --ctx asks for one."`
	Grace             time.Duration `default:"10s" help:"How long running answers may go on when the server is stopped."`
}

// usualAnswers are made at once where nobody says how many.
const usualAnswers = 4

// Run serves until ctx ends. The port is taken before the weights are read, so
// that one in use is known at once; who connects meanwhile waits.
func (v *Serve) Run(ctx context.Context, s *Streams) error {
	if v.Parallel < 0 || v.Parallel > 64 {
		return &UsageError{"--parallel takes a number from 1 to 64"}
	}
	v.parallel, v.parallelFirst = cmp.Or(v.Parallel, usualAnswers), v.Parallel > 0
	options := serve.Options{
		Version:    number,
		AllowHosts: v.AllowHost, AllowOrigins: v.AllowOrigin, RemoteImages: v.AllowRemoteImages, NoStore: v.NoStore,
		Grace: max(v.Grace, time.Millisecond), Log: s.Err,
	}
	if err := options.Check(); err != nil {
		return &UsageError{err.Error()}
	}
	certificates, err := v.certificates()
	if err != nil {
		return err
	}
	listener, err := v.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	var note string
	if options.Keys, note, err = v.keys(listener); err != nil {
		return err
	}
	show := newPrinter(s, false)
	vocabulary := VocabularyFlags{Model: v.Model, Tokenizer: v.Tokenizer}
	tok, err := vocabulary.open()
	if err == nil {
		err = chattemplate.Check(tok)
	}
	if err != nil {
		return err
	}
	engine, err := v.start(ctx, s, show.load)
	show.clear()
	if err != nil {
		return err
	}
	defer engine.Close()
	options.Engine, options.Tokenizer = engine, tok
	server, err := serve.New(options)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "listening on %s\n%s%s", address(listener, len(certificates) > 0), note, warning(v.TLSKey))
	for _, notice := range engine.Notices() {
		fmt.Fprintln(s.Err, notice)
	}
	return server.Serve(ctx, listener, certificates...)
}

// listen takes the port.
func (v *Serve) listen() (net.Listener, error) {
	host, port, err := net.SplitHostPort(v.Addr)
	if err != nil {
		return nil, &UsageError{fmt.Sprintf("--addr %s is no HOST:PORT; 127.0.0.1:8080, say", v.Addr)}
	}
	if v.LAN {
		host = ""
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; give --addr another port, or 0 for a free one", net.JoinHostPort(host, port), origin.Plain(err))
	}
	return listener, nil
}

// keys are those of --api-key-file. Where others can connect there is always one:
// it is made on first use, stored for its owner alone, and shown that once.
func (v *Serve) keys(listener net.Listener) (keys []string, note string, err error) {
	if v.APIKeyFile != "" {
		keys, err = serve.ReadKeys(v.APIKeyFile)
		return keys, warning(v.APIKeyFile), err
	}
	if netip.MustParseAddrPort(listener.Addr().String()).Addr().Unmap().IsLoopback() {
		return nil, "", nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return nil, "", fmt.Errorf("finding a place for an API key: %w; name a file of your own with --api-key-file", err)
	}
	path := filepath.Join(folder, "sirocco", "serve.key")
	key, fresh, err := serve.StoredKey(path)
	if err != nil {
		return nil, "", err
	}
	if fresh {
		return []string{key}, fmt.Sprintf("sirocco: others can connect, so a key is needed: %s (shown this once; it is kept in %s)\n", key, path), nil
	}
	return []string{key}, fmt.Sprintf("sirocco: others can connect, so a key is needed: the one in %s\n%s", path, warning(path)), nil
}

// warning is a line about a file with a key that others can read, or nothing.
func warning(path string) string {
	if exposed := serve.Exposed(path); exposed != "" {
		return "sirocco: warning: " + exposed + "\n"
	}
	return ""
}

// certificates reads --tls-cert and --tls-key.
func (v *Serve) certificates() ([]tls.Certificate, error) {
	if v.TLSCert == "" && v.TLSKey == "" {
		return nil, nil
	}
	if v.TLSCert == "" || v.TLSKey == "" {
		return nil, &UsageError{"--tls-cert and --tls-key go together"}
	}
	certificate, err := tls.LoadX509KeyPair(v.TLSCert, v.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return []tls.Certificate{certificate}, nil
}

// address is what to type to reach the server from this machine.
func address(listener net.Listener, secure bool) string {
	at := netip.MustParseAddrPort(listener.Addr().String())
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), at.Port())
	}
	if secure {
		return "https://" + at.String()
	}
	return "http://" + at.String()
}
