package large

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// What a round of the guest takes, in bytes.
const (
	textSize  = 4 << 10
	noiseSize = 28 << 10
)

// Memory is the RAM of the machine, in bytes.
const Memory = 16 << 20

// Size says how large a recording is to be.
type Size struct {
	Text int64 // bytes of console text; seven times as many of noise are read between
	Disk int64 // bytes of a disk that does not compress
}

// Sizes for tests: Full makes a file of a gigabyte in less than a minute, Small
// one of 40 MB in two seconds.
var (
	Full  = Size{Text: 50 << 20, Disk: 600 << 20}
	Small = Size{Text: 2 << 20, Disk: 24 << 20}
)

// Needles are in the text once each: in its first line, in the middle, and in
// its last line.
var Needles = [3]string{"needle at the start", "needle in the middle", "needle at the end"}

// Record records into a new file.
func Record(path string, size Size) (err error) {
	rounds := max(size.Text/textSize, 3)
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: Memory, Harts: 1, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "large", Data: image(uint64(rounds))},
	})
	if err != nil {
		return err
	}
	config := vm.Config{Harts: 1, ISA: riscv.ISAAll, Segments: plan.Segments, Semihosting: &vm.Semihosting{}}
	config.Virtio[7] = vm.Virtio{Kind: vm.VirtioBlock, Image: noise{}, Size: uint64(size.Disk)}
	w, err := create(path, config, size)
	if err != nil {
		return err
	}
	feeder := &feeder{rounds: rounds, done: make(chan struct{})}
	t, err := replay.Record(config, Memory, w, replay.Options{Consoles: []replay.Console{
		{ID: vm.SerialDevice, Name: "serial0"},
		{ID: vm.SemihostingDevice, Name: "semihosting", Backend: feeder},
	}})
	if err != nil {
		return err
	}
	stop, err := t.Continue(context.Background())
	if err == nil && stop.Reason != replay.GuestShutdown {
		err = fmt.Errorf("the recording ends at step %v: %v", stop.Step, stop.Reason)
	}
	return errors.Join(err, t.Err(), t.Close())
}

// create begins the file, with the image of the disk in it.
func create(path string, config vm.Config, size Size) (*recording.Writer, error) {
	var m recording.Manifest
	blobs := replay.Describe(&m, config, Memory, false)
	m.Reprise, m.Name = "test", "large"
	m.Machine.CharDevices = []recording.CharDevice{
		{ID: vm.SerialDevice, Name: "serial0", Backend: "null"}, {ID: vm.SemihostingDevice, Name: "semihosting", Backend: "null"},
	}
	disk := func() io.Reader { return io.NewSectionReader(noise{}, 0, size.Disk) }
	sum := sha256.New()
	if _, err := io.Copy(sum, disk()); err != nil {
		return nil, err
	}
	hash := recording.Hash(sum.Sum(nil))
	m.Machine.Virtio[0].Image = hash
	m.Images = append(m.Images, recording.Image{Role: "disk", File: "noise", SHA256: hash, Size: uint64(size.Disk)})
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		return nil, err
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	if err := w.BlobFrom(disk(), hash); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// noise is a disk of bytes in no order.
type noise struct{}

const noiseBlock = 8 // bytes that one number gives

// ReadAt implements io.ReaderAt.
func (noise) ReadAt(p []byte, off int64) (int, error) {
	var word [noiseBlock]byte
	for n := 0; n < len(p); {
		at := off + int64(n)
		x := uint64(at/noiseBlock+1) * 0x9e3779b97f4a7c15 // splitmix64
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(word[:], x^x>>31)
		n += copy(p[n:], word[at%noiseBlock:])
	}
	return len(p), nil
}

// feeder is the backend that the guest reads from.
type feeder struct {
	rounds int64
	done   chan struct{}
}

func (f *feeder) Name() string       { return "feeder" }
func (f *feeder) Write(p []byte) int { return len(p) }
func (f *feeder) Close() error       { <-f.done; return nil }
func (f *feeder) Start(sink chardev.Sink) error {
	go func() {
		defer close(f.done)
		words := &text{random: rand.New(rand.NewPCG(1, 2))}
		buf := make([]byte, noiseSize)
		for round := range f.rounds {
			page := words.page()
			for i, at := range []int64{0, f.rounds / 2, f.rounds - 1} {
				if at != round {
					continue
				}
				place := 100
				if i == 2 {
					place = textSize - 100
				}
				copy(page[place:], "\n"+Needles[i]+"\n")
			}
			_, _ = noise{}.ReadAt(buf, round*noiseSize) // it does not fail
			if sink.Receive(page) != nil || sink.Receive(buf) != nil {
				return // the session is over
			}
		}
	}()
	return nil
}

// text makes up lines of words.
type text struct {
	random *rand.Rand
	line   int
	rest   []byte
}

var vocabulary = bytes.Fields([]byte(`the kernel found a device at address with size and mapped it to memory
	driver probe of bus failed with error retry after timeout interrupt handler registered on hart virtual page fault
	in process file system mounted read only block queue request completed network link is up full duplex console`))

// page is the next page of text.
func (t *text) page() []byte {
	for len(t.rest) < textSize {
		t.line++
		t.rest = fmt.Appendf(t.rest, "[%6d.%06d]", t.line/100, t.random.IntN(1_000_000))
		for range 5 + t.random.IntN(8) {
			t.rest = append(append(t.rest, ' '), vocabulary[t.random.IntN(len(vocabulary))]...)
		}
		t.rest = append(t.rest, "\r\n"...)
	}
	page := t.rest[:textSize:textSize]
	t.rest = append([]byte(nil), t.rest[textSize:]...)
	return page
}
