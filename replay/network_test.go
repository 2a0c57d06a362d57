package replay_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// responder is a network with one other machine, which answers to ARP and to
// echo requests.
type responder struct {
	receive func(frame []byte)
	sent    atomic.Int64 // frames of the guest
	flood   int          // frames for nobody before each answer
}

func (r *responder) Start(receive func(frame []byte)) error {
	r.receive = receive
	return nil
}

func (r *responder) Close() error { return nil }

func (r *responder) Send(frame []byte) {
	r.sent.Add(1)
	answer := bytes.Clone(frame)
	mac := []byte{0x52, 0x55, 10, 0, 2, 2}
	copy(answer, frame[6:12])
	copy(answer[6:], mac)
	switch {
	case frame[12] == 8 && frame[13] == 6 && frame[21] == 1: // ARP: a request
		answer[21] = 2
		copy(answer[22:], mac)
		copy(answer[28:32], frame[38:42])
		copy(answer[32:42], frame[22:32])
	case frame[12] == 8 && frame[13] == 0 && frame[23] == 1 && frame[34] == 8: // an echo request
		copy(answer[26:30], frame[30:34])
		copy(answer[30:34], frame[26:30])
		answer[34] = 0
		// The checksum is that of the request, less its type.
		sum := uint32(frame[36])<<8 + uint32(frame[37]) + 0x0800
		sum = sum&0xffff + sum>>16
		answer[36], answer[37] = byte(sum>>8), byte(sum)
	default:
		return
	}
	go func() {
		for range r.flood {
			r.receive(bytes.Repeat([]byte{0xff}, 1500))
		}
		r.receive(answer)
	}()
}

// netMachine is a machine with a network card and its recording.
func netMachine(t *testing.T, network *responder, user *typist) (tl *replay.Timeline, path string) {
	t.Helper()
	config := ubootConfig(t)
	config.Virtio[7] = vm.Virtio{Kind: vm.VirtioNet, Device: 3, MAC: vm.MAC{0x52, 0x54, 0, 1, 2, 3}}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, true)
	path = filepath.Join(t.TempDir(), "net.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	tl, err = replay.Record(config, guestRAM, w, replay.Options{
		Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: user}},
		Networks: []replay.Network{{ID: 3, Name: "n0", Backend: network}},
		Sleep:    true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tl, path
}

var netScript = []exchange{
	{"autoboot", "\r"},
	{"=> ", "setenv ipaddr 10.0.2.15; setenv netmask 255.255.255.0; ping 10.0.2.2; ping 10.0.2.3\r"},
	{"=> ", "ping 10.0.2.4\r"},
	{"=> ", "poweroff\r"},
}

// TestNetwork records a guest that talks to another machine, and goes back and
// forth in the recording, in which nobody answers.
func TestNetwork(t *testing.T) {
	network, user := &responder{flood: 3}, &typist{script: netScript}
	tl, path := netMachine(t, network, user)
	ctx := context.Background()
	stop, err := tl.Continue(ctx)
	if err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatalf("recording: %v, %v\n%s", stop, err, user.text())
	}
	if n := strings.Count(user.text(), "is alive"); n != 3 {
		t.Errorf("%d of 3 answers arrived:\n%s", n, user.text())
	}
	end, sent := tl.Machine().Digest(), network.sent.Load()
	counters := tl.Networks()[0]
	if counters.Sent != uint64(sent) || sent < 6 || counters.Received < 6 || counters.Dropped != 0 {
		t.Errorf("%+v, and the network saw %d frames", counters, sent)
	}
	// A live session sends nothing again.
	if _, err := tl.Seek(ctx, stop.Step/2); err != nil {
		t.Fatal(err)
	}
	if _, err := tl.GoLive(ctx); err != nil || network.sent.Load() != sent {
		t.Errorf("going back and forth sent %d frames more, error %v", network.sent.Load()-sent, err)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}

	silent := &responder{}
	options := replay.Options{Networks: []replay.Network{{ID: 3, Name: "n0", Backend: silent}}, Verify: true}
	straight := open(t, path, options)
	walker := open(t, path, replay.Options{})
	// The frames, and the steps around them.
	var steps []vm.Step
	c := walker.Log().Cursor()
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		if e.Kind == recording.AsyncNet {
			steps = append(steps, e.Step, e.Step+1)
		}
	}
	if len(steps) < 12 {
		t.Fatalf("%d steps around frames", len(steps))
	}
	want := map[vm.Step]vm.Digest{}
	for _, i := range rand.New(rand.NewPCG(9, 10)).Perm(len(steps)) {
		if _, err := walker.Seek(ctx, steps[i]); err != nil || walker.Err() != nil {
			t.Fatal(err, walker.Err())
		}
		want[steps[i]] = walker.Machine().Digest()
	}
	for _, step := range steps {
		if step > straight.Position() {
			if _, err := straight.Seek(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
		if d := want[step].Difference(straight.Machine().Digest()); d != "" {
			t.Fatalf("step %v: %s differs in a straight replay", step, d)
		}
	}
	if _, err := straight.GoLive(ctx); err != nil || straight.Err() != nil {
		t.Fatal(err, straight.Err())
	}
	if d := end.Difference(straight.Machine().Digest()); d != "" || straight.Verified() == 0 {
		t.Errorf("%q differs at the end; %d digests were compared", d, straight.Verified())
	}
	if silent.sent.Load() != 0 {
		t.Errorf("the replay sent %d frames", silent.sent.Load())
	}
}

// TestNetworkFull drops what finds the queue full, and counts it.
func TestNetworkFull(t *testing.T) {
	network := &responder{}
	tl, _ := netMachine(t, network, &typist{})
	frame := make([]byte, vm.FrameMax)
	for range 100 {
		network.receive(frame)
	}
	network.receive(make([]byte, vm.FrameMax+1))
	if c := tl.Networks()[0]; c.Dropped != 100-64+1 || c.Received != 0 || c.Name != "n0" {
		t.Errorf("%+v", c)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
}
