package recording

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// memFile is a file in memory, on a disk that may be full.
type memFile struct {
	data   []byte
	limit  int // bytes the disk holds; 0 for no limit
	closed bool
}

func (f *memFile) Write(p []byte) (int, error) {
	n := len(p)
	if f.limit > 0 {
		n = min(n, f.limit-len(f.data))
	}
	f.data = append(f.data, p[:n]...)
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(f.data).ReadAt(p, off)
}

func (f *memFile) Truncate(size int64) error {
	f.data = f.data[:size]
	return nil
}

func (f *memFile) Sync() error  { return nil }
func (f *memFile) Close() error { f.closed = true; return nil }

// open opens the bytes of a recording.
func open(data []byte) (*Reader, error) {
	return NewReader(bytes.NewReader(data), int64(len(data)))
}

func mustOpen(t *testing.T, data []byte) *Reader {
	t.Helper()
	r, err := open(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// create starts a recording in memory.
func create(t *testing.T, m Manifest) (*Writer, *memFile) {
	t.Helper()
	f := &memFile{}
	w, err := newWriter(f, "test.reprise", m)
	check(t, err)
	return w, f
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// content is all that a recording holds, as it is compared.
type content struct {
	Manifest  Manifest
	Events    []Event
	Digests   []digestContent
	Snapshots []Snapshot
	Pages     [][]byte
	Blobs     map[string]int // content's hash to size
	Last      Step
	Virtual   uint64
}

type digestContent struct {
	Step Step
	Sums []ComponentDigest
}

// readAll reads everything in a recording, or fails at the first damage.
func readAll(r *Reader) (c content, err error) {
	c.Manifest, c.Last, c.Virtual = *r.Manifest(), r.Last(), r.Virtual()
	if c.Events, err = readEvents(r.Log); err != nil {
		return c, err
	}
	for _, m := range r.Digests() {
		sums, err := r.Digest(m)
		if err != nil {
			return c, err
		}
		c.Digests = append(c.Digests, digestContent{m.Step, sums})
	}
	used := map[PageID]bool{}
	for _, m := range r.Snapshots() {
		s, err := r.Snapshot(m)
		if err != nil {
			return c, err
		}
		c.Snapshots = append(c.Snapshots, *s)
		for _, p := range s.Pages {
			if used[p.Page] {
				continue
			}
			used[p.Page] = true
			page, err := r.Page(p.Page)
			if err != nil {
				return c, err
			}
			c.Pages = append(c.Pages, page)
		}
	}
	c.Blobs = map[string]int{}
	for _, hash := range r.Blobs() {
		data, err := r.Blob(hash)
		if err != nil {
			return c, err
		}
		c.Blobs[hash.String()] = len(data)
	}
	return c, nil
}

// readEvents reads all events of a log, and checks their order.
func readEvents(l *Log) ([]Event, error) {
	var events []Event
	c := l.Cursor()
	for {
		e, ok := c.Next()
		if !ok {
			return events, c.Err()
		}
		if n := len(events); n > 0 && e.Step < events[n-1].Step {
			return events, fmt.Errorf("event %d goes back from step %s to %s", n, events[n-1].Step, e.Step)
		}
		events = append(events, e)
	}
}

func sampleManifest(images ...[]byte) Manifest {
	m := Manifest{
		Format: Version, Model: 3, Schema: 2, Reprise: "0.1", Name: "sample",
		Created: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC),
		Machine: MachineConfig{
			Board: "virt", ISA: "rv64imafdc_zicsr_zifencei", RAM: 128 << 20, Harts: 2, Quantum: 1000, Sleep: true, NoReboot: true,
			SeedAddress: 0x87e00000, CommandLine: "console=ttyS0",
			Devices:     []Device{{ID: 1, Name: "uart0", Type: "uart16550", Address: 0x10000000, IRQ: 10}},
			CharDevices: []CharDevice{{ID: 1, Name: "serial0", Backend: "stdio"}},
		},
	}
	for i, data := range images {
		m.Memory = append(m.Memory, Segment{Name: "image", Address: uint64(i) << 20, Size: 1 << 20, Blob: Sum(data)})
		m.Images = append(m.Images, Image{
			Role: "bios", File: fmt.Sprintf("image%d.bin", i), Address: 0x80000000, SHA256: Sum(data), Size: uint64(len(data)),
		})
	}
	return m
}

// sampleEvents are what the sample recording holds; they use every kind and
// field.
func sampleEvents() []Event {
	events := []Event{
		{Step: 0, Kind: CheckpointInit, Checkpoint: AtInit},
		{Step: 0, Kind: Random, Data: []byte{1, 2, 3, 0xff}},
		{Step: 10, Kind: CharWrite, Device: 1, Result: 1, Data: []byte("h")},
		{Step: 12, Kind: CharWrite, Device: 1, Result: 0, Data: []byte("i")},
		{Step: 500, Kind: Interrupt, Hart: 1, Cause: 7},
		{Step: 600, Kind: Exception, Hart: 0, Cause: 9},
		{Step: 700, Kind: Interrupt, Hart: 1, Cause: 7},
		{Step: 800, Kind: ClockHost, Value: 1_700_000_000_000_000_000},
		{Step: 801, Kind: ClockHost, Value: 1_699_999_999_000_000_000},
		{Step: 801, Kind: ClockVirtualRT, Value: 5000},
		{Step: 900, Kind: CharReadAll, Device: 1, Data: []byte("all")},
		{Step: 900, Kind: CharReadAllError, Device: 1, Result: -5},
	}
	for id := AtClockWarp; id < checkpointCount; id++ {
		events = append(events, Event{Step: 1000, Kind: id.Kind(), Checkpoint: id})
	}
	for k := AsyncBH; k <= AsyncNet; k++ {
		events = append(events, Event{Step: 1001, Kind: k, Checkpoint: AtClockVirtual, Device: uint8(k), Value: 1 << 63, Data: []byte(k.String())})
	}
	return append(events,
		Event{Step: 5000, Kind: DebugWrite, Hart: 1, Cause: 2, Value: 0x80001000, Data: []byte{0x13}},
		Event{Step: 1 << 40, Kind: Shutdown, Shutdown: ShutdownGuestPanic, Value: 3})
}

// samplePage is a page of memory that compresses little.
func samplePage(seed uint64) []byte {
	page := make([]byte, PageSize)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 64 {
		page[i] = byte(random.Uint32())
	}
	return page
}

// writeSample writes a small recording with every type of frame.
func writeSample(w *Writer, images ...[]byte) error {
	for _, data := range images {
		if err := w.Blob(ContentOf(data)); err != nil {
			return err
		}
	}
	events := sampleEvents()
	write := func(events []Event) error {
		for _, e := range events {
			if err := w.Append(e); err != nil {
				return err
			}
		}
		return nil
	}
	flush := func(step Step) error { return w.Flush(step, uint64(step)*2) }
	steps := []func() error{
		func() error { return write(events[:4]) },
		func() error { return flush(400) },
		func() error { return write(events[4:7]) },
		func() error { return w.Digest(700, []ComponentDigest{{"hart0", 1}, {"hart1", 1 << 63}}) },
		func() error { return flush(790) },
		func() error { return write(events[7:12]) },
		func() error { return writeSampleSnapshot(w, 900, 12) },
		func() error { return write(events[12:]) },
		func() error { return flush(1 << 40) },
		func() error { return flush(1<<40 + 100) },
		func() error { return writeSampleSnapshot(w, 900, 12) },
		func() error { return w.Finish(1<<40+200, 1<<42) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func writeSampleSnapshot(w *Writer, step Step, ordinal uint64) error {
	s := &Snapshot{
		Step: step, Virtual: 1800, Ordinal: ordinal, State: []byte("state of the harts"),
		Outputs: []Output{{Device: 1, Offset: 2}},
	}
	for i, number := range []uint64{0x80000, 0x80001, 0x80007} {
		id, err := w.SnapshotPage(samplePage(uint64(i % 2)))
		if err != nil {
			return err
		}
		s.Pages = append(s.Pages, PageRef{number, id})
	}
	s.Disks = [][]PageRef{{{5, 1}, {9, 0}}}
	return w.Snapshot(s)
}

var (
	sampleImages = [][]byte{[]byte("a firmware"), nil, bytes.Repeat([]byte("x"), 100)}
	goldenImages = append([][]byte{bytes.Repeat([]byte("golden"), chunkSize/4)}, sampleImages...)
)

// sample is the small recording and what it holds.
func sample(t testing.TB) ([]byte, content) {
	t.Helper()
	return sampleData(t, sampleImages...), sampleContent(sampleImages...)
}

func sampleData(t testing.TB, images ...[]byte) []byte {
	t.Helper()
	f := &memFile{}
	w, err := newWriter(f, "sample.reprise", sampleManifest(images...))
	if err == nil {
		err = writeSample(w, images...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f.data
}

// sampleContent is what the small recording holds, said independently of how
// it is read.
func sampleContent(images ...[]byte) content {
	snapshot := Snapshot{
		Step: 900, Virtual: 1800, Ordinal: 12, State: []byte("state of the harts"),
		Pages:   []PageRef{{0x80000, 0}, {0x80001, 1}, {0x80007, 0}},
		Disks:   [][]PageRef{{{5, 1}, {9, 0}}},
		Outputs: []Output{{Device: 1, Offset: 2}},
	}
	c := content{
		Manifest:  sampleManifest(images...),
		Events:    append(sampleEvents(), Event{Step: 1<<40 + 200, Kind: End, Value: 1 << 42}),
		Digests:   []digestContent{{700, []ComponentDigest{{"hart0", 1}, {"hart1", 1 << 63}}}},
		Snapshots: []Snapshot{snapshot, snapshot},
		Pages:     [][]byte{samplePage(0), samplePage(1)},
		Blobs:     map[string]int{},
		Last:      1<<40 + 200,
		Virtual:   1 << 42,
	}
	for _, data := range images {
		c.Blobs[Sum(data).String()] = len(data)
	}
	return c
}

// frames lists the offsets of the frames in the bytes of a recording, and the
// end.
func frames(t testing.TB, data []byte) []int64 {
	t.Helper()
	var list []int64
	for off := int64(fileHeaderSize); off < int64(len(data)); {
		h, err := readFrameHeader(bytes.NewReader(data), off, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, off)
		off += frameHeaderSize + h.size
	}
	return append(list, int64(len(data)))
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s differs (-want +got):\n%s", what, diff)
	}
}

var _ io.ReaderAt = (*Blob)(nil)
