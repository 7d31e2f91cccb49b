package cli

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"sirocco/app/remote"
	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// RemoteFlags put a server in place of the local model; ask and eval share them.
type RemoteFlags struct {
	Remote   string `placeholder:"URL" help:"Ask this OpenAI-compatible server, vLLM say, in place of a local model; --model names one of its models."`
	RemoteCA string `name:"remote-ca" placeholder:"FILE" help:"Certificates (PEM) to trust for --remote in place of the system's."`
}

// answerer is what answers a question, here or on a server.
type answerer interface {
	chat.Engine
	SystemPrompt() string
}

// open finds what answers: the server, when one is named, else the local model.
func (f *RemoteFlags) open(ctx context.Context, s *Streams, m *ModelFlags, progress func(chat.Load)) (answerer, error) {
	if f.Remote == "" {
		return m.open(ctx, s, progress)
	}
	if local := m.local(); len(local) > 0 {
		return nil, &UsageError{strings.Join(local, ", ") + ": not with --remote, for a server has settings of its own; leave it off"}
	}
	engine, err := f.connect(ctx, m, s)
	if err != nil {
		return nil, err
	}
	for _, notice := range engine.Notices() {
		fmt.Fprintf(s.Err, "sirocco: %s\n", notice)
	}
	return engine, nil
}

// local names the flags given that mean something to a local model alone. What the
// environment says for every model was not meant for this server.
func (f *ModelFlags) local() (given []string) {
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"--mmproj", f.MMProj != ""},
		{"--device", f.Device != "" && f.Device != os.Getenv("SIROCCO_DEVICE")},
		{"--ctx", f.Ctx != 0},
		{"--kv", f.KV != ""},
		{"--memory", f.Memory != 0},
		{"--quantize", f.Quantize != "" && f.Quantize != "none"},
		{"--tune", f.Tune != "" && f.Tune != "auto" && f.Tune != os.Getenv("SIROCCO_TUNE")},
	} {
		if flag.set {
			given = append(given, flag.name)
		}
	}
	return given
}

// connect asks the server what it is, and says when it has to wait for it.
func (f *RemoteFlags) connect(ctx context.Context, m *ModelFlags, s *Streams) (*remote.Engine, error) {
	o := remote.Options{URL: f.Remote, Model: m.Model, Key: remote.Key(f.Remote), Waiting: func(said string) { fmt.Fprintf(s.Err, "sirocco: %s\n", said) }}
	if m.Tokenizer != "" {
		tok, err := tokenizer.Open(m.Tokenizer)
		if err != nil {
			return nil, err
		}
		o.Tokenizer = tok
	}
	if f.RemoteCA != "" {
		data, err := os.ReadFile(f.RemoteCA)
		if err != nil {
			return nil, fmt.Errorf("reading --remote-ca: %w", err)
		}
		o.RootCAs = x509.NewCertPool()
		if !o.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("reading --remote-ca: %s holds no certificate in PEM form", f.RemoteCA)
		}
	}
	return remote.Open(ctx, o)
}

// Remote says what a server is, and keeps its key.
type Remote struct {
	URL       string `arg:"" name:"url" help:"The server's address, http://gpu-box:8000 say."`
	RemoteCA  string `name:"remote-ca" placeholder:"FILE" help:"Certificates (PEM) to trust in place of the system's."`
	Model     string `placeholder:"NAME" help:"One of the server's models. Without it: the first that talks."`
	KeepKey   bool   `xor:"key" help:"Read the server's key from stdin and keep it in the system's keyring."`
	ForgetKey bool   `xor:"key" help:"Take the server's key out of the keyring."`
	JSON      bool   `name:"json" help:"One JSON object."`
}

// Run prints what the server says of itself, or changes its key.
func (r *Remote) Run(ctx context.Context, s *Streams) error {
	switch {
	case r.KeepKey:
		key, err := readKey(s)
		if err != nil {
			return err
		}
		return remote.KeepKey(r.URL, key)
	case r.ForgetKey:
		return remote.ForgetKey(r.URL)
	}
	flags := RemoteFlags{Remote: r.URL, RemoteCA: r.RemoteCA}
	engine, err := flags.connect(ctx, &ModelFlags{Model: r.Model}, s)
	if err != nil {
		return err
	}
	defer engine.Close()
	return r.print(engine, s)
}

// print describes a server.
func (r *Remote) print(engine *remote.Engine, s *Streams) error {
	about := engine.About()
	notices := engine.Notices()
	if notices == nil {
		notices = []string{}
	}
	if r.JSON {
		encoder := json.NewEncoder(s.Out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(map[string]any{
			"model": about.Model, "device": about.Device, "version": engine.Version(), "tokens_checked": engine.Checked(), "notices": notices,
			"models": append([]string{}, engine.Models()...),
		})
	}
	line := func(name, value string) { fmt.Fprintf(s.Out, "%-10s%s\n", name, value) }
	line("server", about.Device.Name)
	line("model", about.Model.Name)
	if others := engine.Models(); len(others) > 1 {
		line("models", listed(others))
	}
	line("context", contextText(about.Model.Context))
	if engine.Version() != "" {
		line("vLLM", engine.Version())
	}
	line("tokens", map[bool]string{true: "counted here exactly as by the server", false: "counted here, the server has no /tokenize that agrees"}[engine.Checked()])
	for _, notice := range notices {
		line("warning", notice)
	}
	return nil
}

// listed are names for people: the first fifty, and how many more there are.
func listed(names []string) string {
	const most = 50
	text := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more (--json lists all)", len(names)-most)
	}
	return text
}

func contextText(tokens int) string {
	if tokens == 0 {
		return "the server does not tell"
	}
	return fmt.Sprintf("%d tokens", tokens)
}

// readKey reads one line, unseen on a terminal.
func readKey(s *Streams) (string, error) {
	if file, ok := s.In.(*os.File); ok && isTerminal(file) {
		fmt.Fprint(s.Err, "Key: ")
		key, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(s.Err)
		return string(key), err
	}
	line, err := bufio.NewReader(io.LimitReader(s.In, 1<<16)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the key: %w", err)
	}
	return strings.TrimSpace(line), nil
}
