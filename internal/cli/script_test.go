package cli

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"reprise/assets"
	"reprise/internal/testing/guests"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"reprise":                 func() { os.Exit(Main()) },
		"reprise-with-bug":        func() { os.Exit(mainWithBug()) },
		"reprise-with-bug-beside": func() { os.Exit(mainWithBugBeside()) },
		"reprise-stuck":           func() { os.Exit(mainStuck()) },
		"drive":                   func() { os.Exit(drive(os.Args[1], os.Args[2:])) },
		"peer":                    func() { peer(os.Args[1], os.Args[2]) },
	})
}

// TestScripts runs the files in testdata: what each of them shows is said at
// its top.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
			env.Setenv("OPENSBI", "/usr/lib/riscv64-linux-gnu/opensbi/generic")
			env.Setenv("UBOOT", "/usr/lib/u-boot/qemu-riscv64_smode")
			folder, err := guests.Folder()
			if err != nil {
				return err
			}
			env.Setenv("LINUX", folder)
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"guest": writeGuest,
			"assemble": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(assembleFile(args[0], ts.MkAbs(args[1])))
			},
			"package": needPackage,
			"linux":   needLinux,
			"web":     serveNoise,
			"status":  wantStatus,
			"damage":  damage,
			"falsify": falsify,
			"listen":  occupy,
			"oneline": oneErrorLine,
		},
	})
}

// writeGuest writes a guest into a file: guest NAME FILE.
func writeGuest(ts *testscript.TestScript, _ bool, args []string) {
	var data []byte
	switch args[0] {
	case "keys":
		data = assets.Keys()
	case "semihost":
		data = assets.Semihost()
	case "race":
		data = assets.Race()
	case "idle":
		data = assets.Idle()
	case "demo":
		data = assets.Demo()
	case "failing": // tells the test finisher of failure 42
		for _, word := range []uint32{
			0x001002b7, // lui  t0, 0x100
			0x002a3337, // lui  t1, 0x2a3
			0x33330313, // addi t1, t1, 0x333
			0x0062a023, // sw   t1, 0(t0)
			0x0000006f, // j    .
		} {
			data = binary.LittleEndian.AppendUint32(data, word)
		}
	default:
		ts.Fatalf("no guest %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// needPackage fails unless a file of a Debian package is there: package NAME
// FILE.
func needPackage(ts *testscript.TestScript, _ bool, args []string) {
	path := args[1]
	if !filepath.IsAbs(path) {
		found, err := exec.LookPath(path)
		if err != nil {
			ts.Fatalf("%s is missing: install the package %s", path, args[0])
		}
		path = found
	}
	if _, err := os.Stat(path); err != nil {
		ts.Fatalf("%s is missing: install the package %s", path, args[0])
	}
}

// needLinux fails unless Debian's Linux is there.
func needLinux(ts *testscript.TestScript, _ bool, _ []string) {
	for _, name := range []string{"Image", "initramfs.cpio"} {
		if _, err := os.Stat(filepath.Join(ts.Getenv("LINUX"), name)); err != nil {
			ts.Fatalf("%v: run make guests", err)
		}
	}
}

// wantStatus runs a command and compares its exit status: status N COMMAND....
func wantStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError) //nolint:errorlint // testscript hands it through as it is
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// oneErrorLine checks that stderr of the last command is one line, and that it
// is the program's.
func oneErrorLine(ts *testscript.TestScript, _ bool, _ []string) {
	text := ts.ReadFile("stderr")
	if !strings.HasPrefix(text, "reprise: ") || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		ts.Fatalf("stderr is not one line of the program's: %q", text)
	}
}

// damage changes a file: damage cut FILE N leaves its first N bytes, damage
// flip FILE N inverts byte N; a negative N counts from the end.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[1])
	data, err := os.ReadFile(path)
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	if n < 0 {
		n += len(data)
	}
	switch args[0] {
	case "cut":
		data = data[:n]
	case "flip":
		data[n] ^= 0xff
	}
	ts.Check(os.WriteFile(path, data, 0o600))
}

// occupy takes a port until the script ends: listen VARIABLE.
func occupy(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// serveNoise serves 10 MiB of noise over HTTP, on loopback, until the script ends
// or says web stop: web PORT MD5 puts the port and the content's hash into
// variables.
func serveNoise(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 1 && args[0] == "stop" {
		ts.Check(webServer.Load().Close())
		return
	}
	content := noise(10 << 20)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content) // the guest says what arrived
	})}
	webServer.Store(server)
	go func() { _ = server.Serve(l) }()
	ts.Defer(func() { _ = server.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
	ts.Setenv(args[1], fmt.Sprintf("%x", md5.Sum(content)))
}

// webServer is what serveNoise has started.
var webServer atomic.Pointer[http.Server]

// drive runs a command and talks to it as a person would: it carries out the
// lines of a file and then copies what the command still writes. The lines are
//
//	wait TEXT       until the command has written it
//	send TEXT       into the command
//	eof             closes the command's input
//	signal NAME     TERM, HUP, INT or KILL
//	fill N          sends N lower-case letters that hardly compress
//	file PATH TEXT  until a file has it
//
// with texts quoted as in Go. The status is the command's, 128+n after signal n.
func drive(file string, command []string) int {
	signal.Ignore(syscall.SIGPIPE)
	script, err := os.ReadFile(file)
	check0(err)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check0(err)
	out, err := cmd.StdoutPipe()
	check0(err)
	check0(cmd.Start())
	c := conversation{cmd: cmd, in: in, out: bufio.NewReader(io.TeeReader(out, os.Stdout))}
	for _, line := range strings.Split(strings.TrimSpace(string(script)), "\n") {
		c.line(line)
	}
	_, err = io.Copy(io.Discard, c.out)
	check0(err)
	err = cmd.Wait()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	if cmd.ProcessState == nil {
		check0(err)
	}
	return cmd.ProcessState.ExitCode()
}

// peer connects to a Unix domain socket once it is there, and talks to it as
// drive does to a command. What comes is copied slowly at the end.
func peer(path, file string) {
	script, err := os.ReadFile(file)
	check0(err)
	waitForFile(path, "")
	conn, err := net.Dial("unix", path)
	check0(err)
	c := conversation{in: conn, out: bufio.NewReader(io.TeeReader(conn, os.Stdout))}
	for _, line := range strings.Split(strings.TrimSpace(string(script)), "\n") {
		c.line(line)
	}
	_, err = io.Copy(io.Discard, c.out)
	check0(err)
}

// conversation is a command that is being driven.
type conversation struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// line carries out one line.
func (c *conversation) line(line string) {
	verb, text, _ := strings.Cut(line, " ")
	if verb == "send" || verb == "wait" {
		var err error
		text, err = strconv.Unquote(text)
		check0(err)
	}
	switch verb {
	case "send":
		_, err := io.WriteString(c.in, text)
		check0(err)
	case "wait":
		c.wait(text)
	case "eof":
		check0(c.in.Close())
	case "signal":
		sig := map[string]os.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL}[text]
		check0(c.cmd.Process.Signal(sig))
	case "fill":
		n, err := strconv.Atoi(text)
		check0(err)
		_, err = c.in.Write(noise(n))
		if !errors.Is(err, syscall.EPIPE) { // it may have ended
			check0(err)
		}
	case "file":
		path, want, _ := strings.Cut(text, " ")
		waitForFile(path, want)
	default:
		check0(fmt.Errorf("unknown line %q", line))
	}
}

// noise is n letters in no order, the same ones every time.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	p := make([]byte, n)
	for i := range p {
		p[i] = 'a' + byte(random.IntN(26))
	}
	return p
}

// wait reads until the command has written a text.
func (c *conversation) wait(text string) {
	var seen []byte
	for !bytes.HasSuffix(seen, []byte(text)) {
		b, err := c.out.ReadByte()
		if err != nil {
			check0(fmt.Errorf("waiting for %q: %w", text, err))
		}
		seen = append(seen, b)
	}
}

// waitForFile looks at a file until it is there and has a text.
func waitForFile(path, want string) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		if want == "" {
			if _, err := os.Lstat(path); err == nil {
				return
			}
			continue
		}
		if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), want) {
			return
		}
	}
}

// check0 ends drive if something of its own went wrong.
func check0(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "drive:", err)
		os.Exit(99)
	}
}
