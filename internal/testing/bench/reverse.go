package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// How many reverse-stepi are asked for over the gdb protocol, and how long one may
// take. qemu 7.2 needs seconds for each, and stops answering after a few.
const (
	ourReverseSteps   = 200
	theirReverseSteps = 5
	patience          = 15 * time.Second
)

// reverse measures reverse-stepi as gdb asks for it, on Reprise and on qemu, in
// the middle of the guest's recording.
func (b *bench) reverse(g *guest) error {
	t := table{{"reverse-stepi over the gdb protocol", "n", "p50", "p99", "then"}}
	b.say("%s: reverse-stepi, reprise", g.name)
	times, end, err := b.reverseOurs(g)
	if err != nil {
		return err
	}
	t.addTimes("reprise", times, end)
	if b.qemu != "" {
		b.say("%s: reverse-stepi, qemu", g.name)
		if times, end, err = b.reverseTheirs(g); err != nil {
			return err
		}
		t.addTimes("qemu, one snapshot at the start", times, end)
	}
	t.write(b.out)
	return nil
}

func (t *table) addTimes(name string, times []time.Duration, end string) {
	if len(times) == 0 {
		t.add(name, "0", "", "", end)
		return
	}
	t.add(name, fmt.Sprint(len(times)), milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)), end)
}

func (b *bench) reverseOurs(g *guest) ([]time.Duration, string, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, "", err
	}
	stop, err := b.background(b.reprise, "replay", "--no-tui", "--serial", "null", "--gdb", "tcp:"+address, "-S", b.recording(g))
	if err != nil {
		return nil, "", err
	}
	defer stop()
	return reverseSteps(address, ourReverseSteps, false)
}

// reverseTheirs records the guest with qemu once more, with the disk that its
// snapshot needs.
func (b *bench) reverseTheirs(g *guest) ([]time.Duration, string, error) {
	disk, log := filepath.Join(b.dir, "snapshots.qcow2"), filepath.Join(b.dir, g.name+".reverse")
	if err := os.WriteFile(disk, emptyQcow2(), 0o600); err != nil {
		return nil, "", err
	}
	args := func(mode string) []string {
		return append([]string{
			b.qemu, "-M", "virt", "-display", "none", "-monitor", "none", "-serial", "stdio",
			"-drive", "file=" + disk + ",if=none,id=snapshots",
			"-icount", "shift=0,rr=" + mode + ",rrsnapshot=start,rrfile=" + log,
		}, g.machine...)
	}
	record := &subject{name: qemuRecord, live: true, args: func(*guest) []string { return args("record") }}
	if _, err := b.execute(record, g); err != nil {
		return nil, "", err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, "", err
	}
	stop, err := b.background(append(args("replay"), "-S", "-gdb", "tcp:"+address)...)
	if err != nil {
		return nil, "", err
	}
	defer stop()
	return reverseSteps(address, theirReverseSteps, true)
}

// reverseSteps goes to a step and steps back from there, n times or until the
// other side does not answer. end says what came then. qemu goes there as it
// would after a continue: a stop reply says that it has arrived, and any packet
// before that would stop it.
func reverseSteps(address string, n int, running bool) (times []time.Duration, end string, err error) {
	c, err := dialGDB(address)
	if err != nil {
		return nil, "", err
	}
	defer c.close()
	const there = 118_000_000 // steps
	if err := c.monitor(fmt.Sprintf("replay_seek %d", there), 4*patience); err != nil {
		return nil, "", err
	}
	if running {
		if _, err := c.answer(); err != nil {
			return nil, "", err
		}
	}
	for range n {
		begin := time.Now()
		if _, err := c.ask("bs", patience); errors.Is(err, errSilent) {
			return times, fmt.Sprintf("no answer in %v", patience), nil
		} else if err != nil {
			return times, "", err
		}
		times = append(times, time.Since(begin))
	}
	if _, err := c.ask("s", patience); errors.Is(err, errSilent) {
		return times, fmt.Sprintf("stepi: no answer in %v", patience), nil
	} else if err != nil {
		return times, "", err
	}
	return times, "stepi is answered", nil
}

// freeAddress is a loopback address at which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// background starts a program that stop ends.
func (b *bench) background(args ...string) (stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	return func() {
		cancel()
		_ = cmd.Wait() // it was killed
	}, nil
}
