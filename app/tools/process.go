package tools

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/crash"
	"sirocco/app/origin"
)

// process is an MCP server that runs as our child and speaks over its standard
// streams.
type process struct {
	cmd        *exec.Cmd
	in         io.WriteCloser
	out        io.ReadCloser
	stderrTail *tail // standard error, and lines of standard output that are no messages
	observe    Observer
	ended      chan struct{}
	once       sync.Once
}

// startProcess starts a server's command, without a shell.
func startProcess(spec ServerSpec, observe Observer) (*process, error) {
	if err := enterable(spec.Dir); err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Command[0], err)
	}
	p := &process{cmd: exec.Command(spec.Command[0], spec.Command[1:]...), observe: observe, stderrTail: &tail{}, ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = spec.Dir, environment(spec.Env), &lines{Writer: p.stderrTail, observe: observe}
	own(p.cmd)
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// Not StdoutPipe: Wait would close it with the last words still unread.
	out, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out, p.cmd.Stdout = in, out, write
	err = p.cmd.Start()
	write.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("starting %s: %w", spec.Command[0], plainly(err))
	}
	crash.Go(func() {
		_ = p.cmd.Wait()
		close(p.ended)
	})
	return p, nil
}

// transport speaks with the process.
func (p *process) transport(w *wire) mcp.Transport {
	in := &messages{wire: w, in: bufio.NewReaderSize(p.out, 1<<16), other: &lines{Writer: p.stderrTail, observe: p.observe}, observe: p.observe, Closer: p.out}
	return &mcp.IOTransport{Reader: in, Writer: &wiredWriter{&tapped{p.in, p.observe}, w}, MaxLineLength: maxMessage}
}

// wiredWriter shows our messages, each of which is one write, to a wire.
type wiredWriter struct {
	io.WriteCloser
	wire *wire
}

func (w *wiredWriter) Write(data []byte) (int, error) {
	w.wire.sent(data)
	return w.WriteCloser.Write(data)
}

// shutdownTimeout is how long a server may take to end by itself once its input ends.
const shutdownTimeout = 2 * time.Second

// stop ends the process, and what it started. It does not wait.
func (p *process) stop() {
	p.once.Do(func() {
		p.in.Close()
		crash.Go(func() {
			select {
			case <-p.ended:
			case <-time.After(shutdownTimeout):
			}
			kill(p.cmd)
			<-p.ended
			p.out.Close()
		})
	})
}

// lastWords says how the process ended and what it wrote last; nothing for none.
func (p *process) lastWords() string {
	if p == nil {
		return ""
	}
	select {
	case <-p.ended:
	case <-time.After(grace):
	}
	words := ""
	select {
	case <-p.ended:
		words = " (" + p.cmd.ProcessState.String() + ")"
	default:
	}
	if said := p.stderrTail.String(); said != "" {
		words += "; its last words: " + said
	}
	return words
}

// environment is ours without our own secrets, and with what is added.
func environment(added map[string]string) []string {
	env := origin.Environment()
	for name, value := range added {
		env = append(env, name+"="+value)
	}
	return env
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 2 << 10

// Write keeps the last bytes and never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p[max(0, len(p)-tailSize):]...)
	t.last = t.last[max(0, len(t.last)-tailSize):]
	return len(p), nil
}

// String is the end of what was written, as text.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.last), "\uFFFD"))
}

// maxMessage bounds one message of a server, in bytes.
const maxMessage = 128 << 20

// messages passes on the lines of a stream that are messages. Other lines, which
// some servers print there, go to other; one that is far too long is an error.
type messages struct {
	in    *bufio.Reader
	wire  *wire
	other io.Writer
	line  []byte // of a message, what was not read yet

	observe Observer
	io.Closer
}

// Read gives the next bytes of a message.
func (m *messages) Read(p []byte) (int, error) {
	for len(m.line) == 0 {
		line, err := readLine(m.in)
		if err != nil {
			return 0, err
		}
		came := m.wire.all(bytes.TrimPrefix(line, []byte("\uFEFF")))
		if len(came) == 0 {
			_, _ = m.other.Write(line)
			continue
		}
		m.observe.see(Received, line)
		m.line = append(bytes.Join(came, []byte("\n")), '\n')
	}
	n := copy(p, m.line)
	m.line = m.line[n:]
	return n, nil
}

// readLine reads up to and including a line feed, within maxMessage bytes.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxMessage:
			return nil, fmt.Errorf("the server sent a message of more than %s", size(maxMessage))
		case errors.Is(err, bufio.ErrBufferFull):
		case len(line) > 0:
			return line, nil
		default:
			return nil, err
		}
	}
}
