package chardev

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"
)

// muxEscape is the key that Ctrl-a stands for: the next one is a command.
const muxEscape = 1

// muxHelp is what Ctrl-a h shows.
const muxHelp = "Ctrl-a h  this help\r\n" +
	"Ctrl-a x  end the program\r\n" +
	"Ctrl-a b  send a break to the guest\r\n" +
	"Ctrl-a c  switch between %s\r\n" +
	"Ctrl-a t  show the time of each line, or stop that\r\n" +
	"Ctrl-a Ctrl-a  send Ctrl-a\r\n"

// Mux shares one backend: frontends and monitors write to it side by side, and
// what is typed goes to one of them, which Ctrl-a c changes, as in QEMU. Its
// methods may be called from any goroutine.
type Mux struct {
	backend Backend
	quit    func() // Ctrl-a x

	mu      sync.Mutex
	ports   []*muxPort
	focus   int  // index in ports of who gets what is typed
	started bool // the backend is
	escaped bool // Ctrl-a was typed, and what belongs to it was not

	times     bool      // each line begins with its time
	since     time.Time // times count from here
	lineBegun bool      // something of the line is written
	owed      []byte    // the rest of a time that the backend did not take
}

// muxPort is one of those who share a mux. It is a [Backend].
type muxPort struct {
	mux     *Mux
	name    string
	sink    Sink // nil before Start
	refused bool
	closed  bool

	prompt string // shown whenever what is typed begins to go to it, but for the first time
	unseen bool   // nothing was typed to it yet, and what it writes is held
	held   []byte
}

// maxHeld is how much is kept of what a port with a prompt writes before anybody
// has turned to it, in bytes.
const maxHeld = 4 << 10

// NewMux shares a backend. quit, which may be nil, is called when the user asks
// for the end of the program.
func NewMux(b Backend, quit func()) *Mux { return &Mux{backend: b, quit: quit} }

// Port adds one who shares the backend, with a name for people. What is typed
// goes to the first, until the user switches. One with a prompt, such as a
// monitor, is quiet until the user turns to it, and then shows what it had to
// say; its prompt is shown again each time that the user comes back.
func (m *Mux) Port(name, prompt string) Backend {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &muxPort{mux: m, name: name, prompt: prompt, unseen: prompt != "" && len(m.ports) > 0}
	m.ports = append(m.ports, p)
	return p
}

// Name implements [Backend].
func (p *muxPort) Name() string { return "mux:" + p.mux.backend.Name() }

// Start implements [Backend]. The first one opens the backend.
func (p *muxPort) Start(sink Sink) error {
	m := p.mux
	m.mu.Lock()
	first := !m.started
	m.started = true
	p.sink = sink
	m.mu.Unlock()
	if first {
		return m.backend.Start((*muxSink)(m))
	}
	return nil
}

// Close implements [Backend]. The last one closes the backend.
func (p *muxPort) Close() error {
	m := p.mux
	m.mu.Lock()
	was := p.closed
	p.closed = true
	last := true
	for _, other := range m.ports {
		last = last && other.closed
	}
	m.mu.Unlock()
	if was || !last {
		return nil
	}
	return m.backend.Close()
}

// Write implements [Backend].
func (p *muxPort) Write(data []byte) int {
	m := p.mux
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.unseen {
		p.held = append(p.held, data[:min(len(data), maxHeld-len(p.held))]...)
		return len(data)
	}
	n := m.write(data)
	p.refused = p.refused || n < len(data)
	return n
}

// write writes to the backend, with the time before each line if that is asked
// for, and returns how much of the data was taken. The caller holds mu.
func (m *Mux) write(data []byte) (taken int) {
	for taken < len(data) {
		if m.times && !m.lineBegun && m.owed == nil {
			m.owed = []byte(lineTime(time.Since(m.since)))
		}
		if len(m.owed) > 0 {
			m.owed = m.owed[m.backend.Write(m.owed):]
			if len(m.owed) > 0 {
				return taken
			}
		}
		line := data[taken:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 && m.times {
			line = line[:i+1]
		}
		n := m.backend.Write(line)
		if n > 0 {
			m.lineBegun = line[n-1] != '\n'
			if !m.lineBegun {
				m.owed = nil
			}
		}
		if taken += n; n < len(line) {
			return taken
		}
	}
	return taken
}

// lineTime is a time at the beginning of a line.
func lineTime(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("[%02d:%02d:%02d.%03d] ", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}

// muxSink is the mux as its backend's sink.
type muxSink Mux

// Ready implements [Sink].
func (s *muxSink) Ready() {
	m := (*Mux)(s)
	m.mu.Lock()
	var ready []Sink
	for _, p := range m.ports {
		if p.refused && p.sink != nil {
			ready = append(ready, p.sink)
		}
		p.refused = false
	}
	m.mu.Unlock()
	for _, sink := range ready {
		sink.Ready()
	}
}

// Event implements [Sink]: the first one is told, who is there for the guest.
// That nothing more is typed is for all to know.
func (s *muxSink) Event(ev Event) {
	m := (*Mux)(s)
	m.mu.Lock()
	var told []Sink
	for i, p := range m.ports {
		if p.sink != nil && (i == 0 || ev.Kind == EndOfInput) {
			told = append(told, p.sink)
		}
	}
	m.mu.Unlock()
	for _, sink := range told {
		sink.Event(ev)
	}
}

// Receive implements [Sink].
func (s *muxSink) Receive(p []byte) error {
	m := (*Mux)(s)
	var err error
	for len(p) > 0 && err == nil {
		m.mu.Lock()
		escaped := m.escaped
		m.escaped = false
		m.mu.Unlock()
		if escaped {
			err = m.command(p[0])
			p = p[1:]
			continue
		}
		n := bytes.IndexByte(p, muxEscape)
		if n < 0 {
			return m.deliver(p)
		}
		if n > 0 {
			err = m.deliver(p[:n])
		}
		p = p[n+1:]
		m.mu.Lock()
		m.escaped = true
		m.mu.Unlock()
	}
	return err
}

// deliver gives what was typed to who has the focus.
func (m *Mux) deliver(p []byte) error {
	m.mu.Lock()
	sink := m.ports[m.focus].sink
	m.mu.Unlock()
	if sink == nil {
		return nil // nobody yet
	}
	return sink.Receive(p)
}

// Breaker is implemented by a [Sink] that can take a break of its serial line.
type Breaker interface {
	// Break says that the line was broken. It does not block.
	Break()
}

// command does what follows Ctrl-a.
func (m *Mux) command(key byte) error {
	switch key {
	case muxEscape:
		return m.deliver([]byte{muxEscape})
	case 'h', '?':
		m.say(fmt.Sprintf(muxHelp, m.names()))
	case 'x':
		if m.quit != nil {
			m.quit()
		}
	case 'b':
		m.mu.Lock()
		sink := m.ports[m.focus].sink
		m.mu.Unlock()
		if b, ok := sink.(Breaker); ok {
			b.Break()
		}
	case 'c':
		m.mu.Lock()
		m.focus = (m.focus + 1) % len(m.ports)
		p := m.ports[m.focus]
		text := "[" + p.name + "]\r\n" + p.prompt
		if p.unseen {
			text = "[" + p.name + "]\r\n" + string(p.held)
			p.unseen, p.held = false, nil
		}
		m.mu.Unlock()
		m.say(text)
	case 't':
		m.mu.Lock()
		m.times = !m.times
		m.since, m.owed = time.Now(), nil
		m.mu.Unlock()
	}
	return nil
}

// names lists who shares the backend.
func (m *Mux) names() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, p := range m.ports {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// say writes something of the mux's own. What a full backend does not take is
// dropped.
func (m *Mux) say(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.backend.Write([]byte("\r\n" + text))
	m.lineBegun = false
}
