package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// bench is one run of the program.
type bench struct {
	reprise string // the program
	qemu    string // empty if there is none
	dir     string // for what the subjects leave behind
	rounds  int
	timeout time.Duration // of one run of a guest
	out     io.Writer
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	b := &bench{out: os.Stdout}
	only := flag.String("guests", "", "comma-separated `NAMES` of the guests to run (compute, calls, uboot, linux, interface); without it all")
	flag.StringVar(&b.reprise, "reprise", "", "the reprise `PROGRAM`; without it the module's is built")
	flag.StringVar(&b.qemu, "qemu", "qemu-system-riscv64", "the qemu `PROGRAM`; empty for none")
	flag.IntVar(&b.rounds, "rounds", 3, "how `OFTEN` each subject runs each guest")
	flag.DurationVar(&b.timeout, "timeout", 2*time.Minute, "`TIME` after which a run of a guest is given up")
	trip := flag.String("travel", "", "a recording's `FILE`: measure travelling in it, and nothing else")
	flag.Parse()
	if *trip != "" {
		return b.travel(*trip)
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "reprise-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // what is left is in a folder for temporary files
	if b.reprise == "" {
		b.reprise = filepath.Join(b.dir, "reprise")
		if out, err := exec.Command("go", "build", "-o", b.reprise, "reprise").CombinedOutput(); err != nil {
			return fmt.Errorf("building reprise: %w\n%s", err, out)
		}
	}
	b.introduce()
	wanted := func(name string) bool { return *only == "" || strings.Contains(","+*only+",", ","+name+",") }
	for _, g := range b.guests() {
		if !wanted(g.name) {
			continue
		}
		if err := b.measure(g); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
	}
	if wanted(interfaceName) {
		return b.measureInterface()
	}
	return nil
}

// introduce says what is compared, and where.
func (b *bench) introduce() {
	fmt.Fprintf(b.out, "# Benchmark\n\nMedians of %d rounds on %s/%s, %d cores, %s.\n", b.rounds, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if b.qemu == "" {
		return
	}
	path, err := exec.LookPath(b.qemu)
	if err != nil {
		fmt.Fprintf(b.out, "\n%s is missing, so there is nothing to compare with: install the Debian package qemu-system-misc.\n", b.qemu)
		b.qemu = ""
		return
	}
	b.qemu = path
	version, _ := exec.Command(b.qemu, "--version").Output() // without it the line is shorter
	line, _, _ := strings.Cut(string(version), "\n")
	fmt.Fprintf(b.out, "%s.\n", line)
}

// say tells what is going on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// measure runs a guest in every subject and prints everything about it.
func (b *bench) measure(g *guest) error {
	fmt.Fprintf(b.out, "\n## %s\n\n%s\n", g.title, g.about)
	if g.missing != "" {
		fmt.Fprintf(b.out, "\nNot measured: %s.\n", g.missing)
		return nil
	}
	results := map[*subject][]*result{}
	list := b.subjects()
	for round := range b.rounds {
		for _, s := range list {
			b.say("%s, round %d: %s", g.name, round+1, s.name)
			r, err := b.execute(s, g)
			switch {
			case err != nil && s.peer:
				b.say("%s: %v", s.name, err)
			case err != nil:
				return fmt.Errorf("%s: %w", s.name, err)
			default:
				results[s] = append(results[s], r)
			}
		}
	}
	b.printRows(g, list, results)
	if err := b.printRecording(g); err != nil {
		return err
	}
	if !g.travel {
		return nil
	}
	if err := b.travel(b.recording(g)); err != nil {
		return err
	}
	if err := b.reverse(g); err != nil {
		return err
	}
	return b.typing(g)
}
