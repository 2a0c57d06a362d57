package guests

import (
	"bytes"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Reference is a running qemu-system-riscv64 -M virt, and its console.
type Reference struct {
	t       testing.TB
	console console
	input   io.WriteCloser
	ended   chan struct{} // closed when qemu has ended
	status  int           // qemu's exit status, once it has
	quit    <-chan time.Time
}

// StartReference runs qemu with the serial port as console, no display and no
// monitor, and these arguments besides: at least an image. qemu is killed at the
// end of the test if it still runs.
func StartReference(t testing.TB, args ...string) *Reference {
	t.Helper()
	args = append([]string{"-M", "virt", "-display", "none", "-monitor", "none", "-serial", "stdio"}, args...)
	cmd := exec.Command(QEMU(t), args...)
	r := &Reference{t: t, ended: make(chan struct{}), quit: beforeTimeout(t)}
	r.console.changed = make(chan struct{})
	cmd.Stdout, cmd.Stderr = &r.console, &r.console
	var err error
	if r.input, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // the status says it
		r.status = cmd.ProcessState.ExitCode()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error means that it has ended
		<-r.ended
	})
	return r
}

// beforeTimeout fires shortly before the test binary is stopped for its time, so
// that a guest that hangs can be shown.
func beforeTimeout(t testing.TB) <-chan time.Time {
	test, ok := t.(*testing.T)
	if !ok {
		return nil
	}
	deadline, ok := test.Deadline()
	if !ok {
		return nil
	}
	return time.After(time.Until(deadline) - 5*time.Second)
}

// Type sends text to the console.
func (r *Reference) Type(text string) {
	r.t.Helper()
	if _, err := io.WriteString(r.input, text); err != nil {
		r.t.Fatalf("typing %q: %v; the console so far:\n%s", text, err, r.Output())
	}
}

// WaitFor waits until the console prints text, and returns what it printed since
// the last WaitFor up to the end of text. The test fails if qemu ends before.
func (r *Reference) WaitFor(text string) string {
	r.t.Helper()
	for {
		found, changed := r.console.find(text)
		if found != "" {
			return found
		}
		select {
		case <-changed:
		case <-r.ended:
			if found, _ = r.console.find(text); found != "" {
				return found
			}
			r.t.Fatalf("qemu ended with status %d before %q; the console:\n%s", r.status, text, r.Output())
		case <-r.quit:
			r.t.Fatalf("no %q so far; the console:\n%s", text, r.Output())
		}
	}
}

// Wait waits until qemu ends, and returns its exit status: 0 after power-off,
// the code of a failure that the guest reported.
func (r *Reference) Wait() int {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-r.quit:
		r.t.Fatalf("qemu does not end; the console so far:\n%s", r.Output())
	}
	return r.status
}

// Output returns all that the console has printed so far.
func (r *Reference) Output() string {
	r.console.mu.Lock()
	defer r.console.mu.Unlock()
	return string(r.console.output)
}

// console collects output. It has a lock of its own because qemu's output comes
// in on another goroutine.
type console struct {
	mu      sync.Mutex
	output  []byte
	taken   int           // bytes of output that find has returned
	changed chan struct{} // closed at the next output
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.output = append(c.output, p...)
	close(c.changed)
	c.changed = make(chan struct{})
	return len(p), nil
}

// find takes the output up to the end of the next text, or else nothing; the
// channel is closed when there is more to look at.
func (c *console) find(text string) (string, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := c.output[c.taken:]
	at := bytes.Index(rest, []byte(text))
	if at < 0 {
		return "", c.changed
	}
	end := at + len(text)
	c.taken += end
	return string(rest[:end]), c.changed
}
