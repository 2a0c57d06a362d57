package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"golang.org/x/term"

	"reprise/chardev"
	"reprise/internal/guard"
	"reprise/internal/monitor"
)

// monitorHolder is who gives the commands of a monitor.
const monitorHolder = "monitor"

// monitorPrompt is shown when a monitor waits for a line.
const monitorPrompt = "(reprise) "

// monitorServer serves one person after another on a control connection.
type monitorServer struct {
	listener *chardev.Listener
	cancel   context.CancelFunc
	done     chan struct{} // closed when nobody can come any more

	mu   sync.Mutex
	conn io.Closer // of who is there; nil for nobody
}

// attachMonitor serves the monitor at a listener. With edits the other side is a
// terminal that passes each key, and lines are edited here.
func (s *session) attachMonitor(l *chardev.Listener, edits bool, devices monitor.Devices) {
	if l.Exposed() {
		s.notices.say("%v", chardev.Event{Kind: chardev.Exposed, Backend: l.Name()})
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &monitorServer{listener: l, cancel: cancel, done: make(chan struct{})}
	s.monitors = append(s.monitors, m)
	env := monitor.Env{
		Session: monitor.Of(s.debugger), Symbols: s.symbols, Debug: s.debug, Holder: monitorHolder, Hart: -1, Quit: s.quit,
		Marks: s.marks, Devices: devices,
	}
	guard.Go(func() {
		defer s.wake()
		defer close(m.done)
		for {
			conn, _, err := l.Accept()
			if err != nil {
				if !errors.Is(err, chardev.ErrClosed) {
					s.notices.say("monitor: %v", err)
				}
				return
			}
			m.mu.Lock()
			m.conn = conn
			m.mu.Unlock()
			serveMonitor(ctx, conn, env, edits)
			_ = conn.Close() // the other side is gone, or the program ends
		}
	})
}

// attended reports whether somebody can still give commands.
func (m *monitorServer) attended() bool {
	select {
	case <-m.done:
		return false
	default:
		return true
	}
}

// close ends the connection that there is, and waits until it has ended.
func (m *monitorServer) close() error {
	m.cancel()
	err := m.listener.Close()
	m.mu.Lock()
	if m.conn != nil {
		_ = m.conn.Close()
	}
	m.mu.Unlock()
	<-m.done
	return err
}

// console is the other side of a monitor: lines come, text goes.
type console interface {
	ReadLine() (string, error)
	io.Writer
}

// serveMonitor carries out lines until the other side is gone.
func serveMonitor(ctx context.Context, conn io.ReadWriter, env monitor.Env, edits bool) {
	var c console
	if edits {
		c = term.NewTerminal(&keys{conn, env.Session.Interrupt}, monitorPrompt)
	} else {
		c = &plainConsole{in: bufio.NewReader(conn), out: conn}
	}
	say := func(text string) {
		if text != "" {
			_, _ = io.WriteString(c, strings.TrimRight(text, "\n")+"\n") // who is gone does not read it
		}
	}
	env.Stream, env.Later = say, say
	for {
		line, err := c.ReadLine()
		if err != nil || ctx.Err() != nil {
			return
		}
		output, err := monitor.Run(ctx, env, line)
		say(output)
		if err != nil {
			say(oneLine(err.Error()))
		}
	}
}

// plainConsole is one that sends whole lines.
type plainConsole struct {
	in  *bufio.Reader
	mu  sync.Mutex
	out io.Writer
}

// ReadLine implements console.
func (p *plainConsole) ReadLine() (string, error) {
	if _, err := io.WriteString(p, monitorPrompt); err != nil {
		return "", err
	}
	line, err := p.in.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return line, nil
}

// Write implements [io.Writer].
func (p *plainConsole) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

// keys takes Ctrl-C out of what is typed, which interrupts, and Ctrl-D, which
// would end the terminal.
type keys struct {
	io.ReadWriter
	interrupt func()
}

// Read implements [io.Reader].
func (k *keys) Read(p []byte) (int, error) {
	for {
		n, err := k.ReadWriter.Read(p)
		if bytes.IndexByte(p[:n], 3) >= 0 {
			k.interrupt()
		}
		kept := p[:0]
		for _, c := range p[:n] {
			if c != 3 && c != 4 {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 || err != nil {
			return len(kept), err
		}
	}
}

// editsLines reports whether the other side of a control connection passes each
// key as it is typed.
func editsLines(spec chardev.Spec) bool {
	return spec.Kind == chardev.Stdio && (spec.Mux || isTerminal()) || spec.Kind == chardev.Pty || spec.Telnet
}
