package cli

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/internal/testing/torture"
)

// socketEnd is what a unix socket has said, and how to answer.
type socketEnd struct {
	t    *testing.T
	conn net.Conn
	mu   sync.Mutex
	said bytes.Buffer
	more chan struct{} // something was said
}

// dialSocket connects to a socket that is about to be listened at.
func dialSocket(t *testing.T, path string) *socketEnd {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	conn, err := net.Dial("unix", path)
	for err != nil && time.Now().Before(deadline) {
		conn, err = net.Dial("unix", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	e := &socketEnd{t: t, conn: conn, more: make(chan struct{}, 1)}
	go func() {
		p := make([]byte, 4096)
		for {
			n, err := conn.Read(p)
			e.mu.Lock()
			e.said.Write(p[:n])
			e.mu.Unlock()
			if err != nil {
				close(e.more)
				return
			}
			select {
			case e.more <- struct{}{}:
			default:
			}
		}
	}()
	return e
}

func (e *socketEnd) text() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.said.String()
}

// say sends a text.
func (e *socketEnd) say(text string) {
	e.t.Helper()
	if _, err := e.conn.Write([]byte(text)); err != nil {
		e.t.Fatal(err)
	}
}

// hear waits until, after the first of what was said, there is a text, and
// returns where that ends.
func (e *socketEnd) hear(after int, want string) (end int) {
	e.t.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		text := e.text()
		if i := strings.Index(text[after:], want); i >= 0 {
			return after + i + len(want)
		}
		select {
		case _, ok := <-e.more:
			if !ok && !strings.Contains(e.text()[after:], want) {
				e.t.Fatalf("the connection ended before %q, after\n%s", want, e.text()[after:])
			}
		case <-timeout:
			e.t.Fatalf("no %q after\n%s", want, e.text()[after:])
		}
	}
}

// TestRewindsUnderTyping goes back in a machine that is being recorded and returns,
// again and again, while somebody types to it over a socket and it pings its
// gateway: nothing is lost, nothing is sent twice, and the recording verifies.
func TestRewindsUnderTyping(t *testing.T) {
	dir := t.TempDir()
	path, console, monitor := filepath.Join(dir, "r.reprise"), filepath.Join(dir, "console"), filepath.Join(dir, "monitor")
	args := append([]string{
		"record", "--no-tui", "-o", path, "--icount", "shift=5", "--serial", "unix:" + console + ",server=on", "--monitor", "unix:" + monitor + ",server=on",
		"--netdev", "user,id=n0", "--device", "virtio-net-device,netdev=n0",
	}, ubootMachine(t)...)
	cmd := exec.CommandContext(t.Context(), "reprise", args...)
	var notices bytes.Buffer
	cmd.Stderr = &notices
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }() // if the test fails
	user, mon := dialSocket(t, console), dialSocket(t, monitor)
	user.hear(0, "autoboot")
	user.say("\r")
	at := user.hear(0, "=> ")
	user.say("setenv autoload no; dhcp\r")
	at = user.hear(at, "DHCP client bound to address 10.0.2.15")
	at = user.hear(at, "=> ")
	random := rand.New(rand.NewPCG(5, 6))
	heard, n := mon.hear(0, monitorPrompt), torture.Count(t, 40, 200)
	ask := func(line, want string) {
		t.Helper()
		mon.say(line + "\n")
		heard = mon.hear(heard, want)
	}
	mon.say("stop\n") // nobody waits for what goes on since the start
	ask("print 77", "77")
	mon.say("c\n")
	for i := range n {
		line := fmt.Sprintf("echo line-%d-$ipaddr", i)
		if i%5 == 4 {
			line = "ping 10.0.2.2; " + line
		}
		user.say(line[:len(line)/2])
		ask("stop", ": interrupted")
		user.say(line[len(line)/2:] + "\r") // it waits until the machine is back
		mon.say(fmt.Sprintf("replay_seek %d%%\n", random.IntN(100)))
		if random.IntN(2) == 0 {
			mon.say("rs 3\n")
		}
		mon.say("replay_seek end\n")
		ask(fmt.Sprintf("print %d", 70000+i), fmt.Sprint(70000+i))
		mon.say("c\n")
		at = user.hear(at, fmt.Sprintf("line-%d-10.0.2.15", i))
		at = user.hear(at, "=> ")
	}
	user.say("poweroff\r")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, notices.String())
	}
	if c := strings.Count(mon.text(), "step "); c < 3*n { // interrupted, back, and at the end again
		t.Errorf("the monitor tells of %d steps:\n%s", c, mon.text())
	}
	said := user.text()
	for i := range n {
		if c := strings.Count(said, fmt.Sprintf("\nline-%d-10.0.2.15", i)); c != 1 {
			t.Errorf("line %d was printed %d times", i, c)
		}
	}
	if c := strings.Count(said, "host 10.0.2.2 is alive"); c != n/5 {
		t.Errorf("the gateway was alive %d times, want %d", c, n/5)
	}
	if again := reprise(t, "replay", "--no-tui", path); again != said {
		t.Errorf("the replay prints %d bytes, the socket got %d", len(again), len(said))
	}
	if verdict := reprise(t, "verify", path); !strings.HasPrefix(verdict, "verified: ") {
		t.Error(verdict)
	}
}
