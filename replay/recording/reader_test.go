package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden recording of the current version, if there is none")

// TestSample reads the small recording back: by its index, and by its frames.
func TestSample(t *testing.T) {
	data, want := sample(t)
	if indexed(bytes.NewReader(data), int64(len(data))) == nil {
		t.Fatal("the index cannot be used")
	}
	got, err := readAll(mustOpen(t, data))
	check(t, err)
	equal(t, "the sample", got, want)

	data = data[:len(data)-trailerSize]
	r := mustOpen(t, data)
	if _, _, torn := r.Torn(); torn || !r.Complete() {
		t.Error("a recording without trailer is not complete")
	}
	got, err = readAll(r)
	check(t, err)
	equal(t, "the sample without trailer", got, want)
}

// TestGolden reads a recording that the first release of the format wrote.
func TestGolden(t *testing.T) {
	path := filepath.Join("testdata", "v1.reprise")
	if _, err := os.Stat(path); *writeGolden && os.IsNotExist(err) {
		data := sampleData(t, goldenImages...)
		check(t, os.MkdirAll("testdata", 0o755))
		check(t, os.WriteFile(path, data, 0o644))
	}
	r, err := Open(path)
	check(t, err)
	got, err := readAll(r)
	check(t, err)
	equal(t, "the golden recording", got, sampleContent(goldenImages...))
	check(t, r.Close())
}

// TestTruncation opens every prefix of a recording. Each is a recording up to
// its last whole frame, or not yet one.
func TestTruncation(t *testing.T) {
	data, want := sample(t)
	offsets := frames(t, data)
	var last Step
	started := false
	for n := range len(data) + 1 {
		r, err := open(data[:n])
		if errors.Is(err, ErrNotYetRecording) && !started {
			continue
		}
		if err != nil {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
		started = true
		got, err := readAll(r)
		if err != nil {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
		if len(got.Events) > len(want.Events) || !cmp.Equal(got.Events, want.Events[:len(got.Events)]) && len(got.Events) > 0 {
			t.Fatalf("the first %d bytes hold other events", n)
		}
		if r.Last() < last || r.Last() > want.Last {
			t.Fatalf("the first %d bytes reach step %s, fewer reached %s", n, r.Last(), last)
		}
		last = r.Last()
		whole := wholeFrames(offsets, int64(n))
		reached, dropped, torn := r.Torn()
		if torn == r.Complete() || torn && (dropped != int64(n)-whole || reached != last) {
			t.Fatalf("the first %d bytes, %d of them whole frames: torn %v at %s, %d bytes dropped", n, whole, torn, reached, dropped)
		}
	}
	if !started || last != want.Last {
		t.Fatalf("the whole reaches step %s", last)
	}
}

// wholeFrames is how many of the first n bytes are whole frames.
func wholeFrames(offsets []int64, n int64) int64 {
	whole := int64(fileHeaderSize)
	for _, off := range offsets {
		if off <= n {
			whole = off
		}
	}
	return whole
}

// TestBitFlips flips every bit of a recording. That is an error, a torn tail,
// or changes nothing that is read.
func TestBitFlips(t *testing.T) {
	original, want := sample(t)
	data := bytes.Clone(original)
	for bit := range 8 * len(data) {
		data[bit/8] ^= 1 << (bit % 8)
		r, err := open(data)
		if err == nil {
			var got content
			got, err = readAll(r)
			_, _, torn := r.Torn()
			if err == nil && !torn && !reflect.DeepEqual(got, want) {
				t.Fatalf("bit %d of byte %d flipped, and nobody noticed: %s", bit%8, bit/8, cmp.Diff(want, got))
			}
			if n := len(got.Events); torn && n > 0 && !slices.EqualFunc(got.Events, want.Events[:n], same) {
				t.Fatalf("bit %d of byte %d flipped: the events before it are others", bit%8, bit/8)
			}
		}
		if err != nil && !expected(err) {
			t.Fatalf("bit %d of byte %d flipped: %v", bit%8, bit/8, err)
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
}

// expected reports whether the error is one that bad input may give.
func expected(err error) bool {
	var format *FormatError
	var version *VersionError
	return errors.As(err, &format) || errors.As(err, &version) || errors.Is(err, ErrNotRecording) ||
		errors.Is(err, ErrNotYetRecording) || errors.Is(err, ErrNoBlob) || errors.Is(err, errNoPage)
}

func TestForeignFiles(t *testing.T) {
	tests := []struct{ name, head, want string }{
		{"elf", "\x7fELF\x02\x01\x01", "an ELF file"},
		{"qemu", "\x00\xe0\x20\x0c\x00\x00\x00\x00", "QEMU's record/replay, version 0xe0200c"},
		{"seed", "\x00\xe0\x20\x03\x00\x00\x00\x00", "QEMU's record/replay, version 0xe02003"},
		{"gzip", "\x1f\x8b\x08\x00", "gzip"},
		{"zstd", "\x28\xb5\x2f\xfd\x00", "zstd"},
		{"zeros", strings.Repeat("\x00", 1000), "zeros"},
		{"text", "hello, this is not a recording\n", "text"},
		{"nearly", "REPRISE\n" + strings.Repeat("x", 100), "text"},
		{"noise", "\xc3\x28\x00\x91\xff\xee", "binary"},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), test.name)
		check(t, os.WriteFile(path, []byte(test.head), 0o600))
		_, err := Open(path)
		if !errors.Is(err, ErrNotRecording) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNotRecording) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := open(nil); !errors.Is(err, ErrNotYetRecording) {
		t.Errorf("an empty file: %v", err)
	}
}

func TestVersion(t *testing.T) {
	data, _ := sample(t)
	copy(data, fileHeader(7))
	_, err := open(data)
	var version *VersionError
	if !errors.As(err, &version) || version.Have != 7 || version.Want != Version {
		t.Fatalf("version 7: %v", err)
	}
	if text := err.Error(); !strings.Contains(text, "version 7") || !strings.Contains(text, "version 1") {
		t.Errorf("the message does not name both versions: %s", text)
	}
}

// TestMiddleDamage damages a frame in the middle of a recording that has no
// index: what comes before it is kept, and the offset is known.
func TestMiddleDamage(t *testing.T) {
	data, _ := sample(t)
	off := frameOf(t, data, frameManifest, 0)
	data[off+frameHeaderSize+20] ^= 1
	var format *FormatError
	if _, err := open(data); !errors.As(err, &format) || format.Offset != off {
		t.Errorf("damaged manifest: %v", err)
	}

	data, _ = sample(t)
	off = frameOf(t, data, frameBlob, 1)
	data[off+frameHeaderSize] ^= 1
	if _, err := open(data[:len(data)-trailerSize]); !errors.As(err, &format) || format.Offset != off {
		t.Errorf("damaged blob: %v", err)
	}

	data, _ = sample(t)
	off = frameOf(t, data, frameEvents, 1)
	data[off+frameHeaderSize+9] ^= 1
	r := mustOpen(t, data)
	if events, err := readEvents(r.Log); !errors.As(err, &format) || format.Offset != off || len(events) != 4 {
		t.Errorf("damaged events, by the index: %d events, %v", len(events), err)
	}
	r = mustOpen(t, data[:len(data)-trailerSize])
	last, dropped, torn := r.Torn()
	if last != 400 || dropped != int64(len(data)-trailerSize)-off || !torn || r.Len() != 4 {
		t.Errorf("damaged events, scanned: torn %v at %s, %d dropped", torn, last, dropped)
	}
}

// frameOf is the offset of the frame of a type with that number.
func frameOf(t *testing.T, data []byte, want frameType, number int) int64 {
	t.Helper()
	for _, off := range frames(t, data) {
		if off < int64(len(data)) && frameType(data[off]) == want {
			if number == 0 {
				return off
			}
			number--
		}
	}
	t.Fatalf("there is no frame of type %q", want)
	return 0
}

// TestOpenReadsLittle counts what opening a finished recording reads.
func TestOpenReadsLittle(t *testing.T) {
	image := make([]byte, 8<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range image {
		image[i] = byte(random.Uint32())
	}
	w, f := create(t, sampleManifest(image))
	check(t, writeSample(w, image))
	src := &countingReader{Reader: bytes.NewReader(f.data)}
	_, err := NewReader(src, int64(len(f.data)))
	check(t, err)
	if src.count > 16<<10 {
		t.Errorf("opening reads %d bytes of %d", src.count, len(f.data))
	}
	src.count = 0
	_, err = NewReader(src, int64(len(f.data)-trailerSize))
	check(t, err)
	if src.count > 64<<10 {
		t.Errorf("opening by the headers reads %d bytes of %d", src.count, len(f.data))
	}
}

type countingReader struct {
	*bytes.Reader
	count int
}

func (r *countingReader) ReadAt(p []byte, off int64) (int, error) {
	r.count += len(p)
	return r.Reader.ReadAt(p, off)
}

// repair makes the checksums of a recording right again, so that damage gets
// past them.
func repair(data []byte) {
	if len(data) < fileHeaderSize {
		return
	}
	sum := crc32.Checksum(data[:fileHeaderSize-4], crcTable)
	binary.LittleEndian.PutUint32(data[fileHeaderSize-4:], sum)
	for off := int64(fileHeaderSize); ; {
		h, err := readFrameHeader(bytes.NewReader(data), off, int64(len(data)))
		if err != nil {
			return
		}
		next := off + frameHeaderSize + h.size
		sealFrame(data[off:next:next], h.kind)
		off = next
	}
}

// TestHostile flips bits and makes the checksums right again. The result may
// be anything that is read without a panic or much memory.
func TestHostile(t *testing.T) {
	original, _ := sample(t)
	for bit := range 8 * len(original) {
		data := bytes.Clone(original)
		data[bit/8] ^= 1 << (bit % 8)
		repair(data)
		readHostile(t, data)
	}
}

// readHostile reads all that can be read of bytes that somebody may have made
// to deceive.
func readHostile(t *testing.T, data []byte) {
	t.Helper()
	r, err := open(data)
	if err == nil {
		_, err = readAll(r)
	}
	if err != nil && !expected(err) {
		t.Fatalf("an error of another sort: %v", err)
	}
}

// TestAfterEnd reads a snapshot that was added behind the end, whole and torn.
func TestAfterEnd(t *testing.T) {
	data, want := sample(t)
	snapshot := frameOf(t, data, frameSnapshot, 0)
	offsets := frames(t, data)
	added := data[snapshot:offsets[slices.Index(offsets, snapshot)+1]]
	closed := data[:frameOf(t, data, frameIndex, 0)]
	for n := range len(added) + 1 {
		r := mustOpen(t, slices.Concat(closed, added[:n]))
		got, err := readAll(r)
		check(t, err)
		snapshots := len(want.Snapshots)
		if n == len(added) {
			snapshots++
		}
		if _, _, torn := r.Torn(); torn || !r.Complete() || len(got.Snapshots) != snapshots || len(got.Events) != len(want.Events) {
			t.Fatalf("%d bytes behind the end: torn %v, %d snapshots, %d events", n, torn, len(got.Snapshots), len(got.Events))
		}
	}
	digest := append(make([]byte, frameHeaderSize), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, methodStored)
	sealFrame(digest, frameDigest)
	if r := mustOpen(t, slices.Concat(closed, digest)); len(r.Digests()) != len(want.Digests) || r.Last() != want.Last {
		t.Error("a digest behind the end is taken")
	}
}

// TestHashes changes content, and makes the checksums right again: the hash by
// which the content is known gives it away.
func TestHashes(t *testing.T) {
	data, _ := sample(t)
	off := frameOf(t, data, frameChunk, 0)
	data[off+frameHeaderSize+4] ^= 1
	repair(data)
	var format *FormatError
	if _, err := mustOpen(t, data).Blob(Sum(sampleImages[0])); !errors.As(err, &format) || !strings.Contains(err.Error(), "hash") {
		t.Errorf("changed blob: %v", err)
	}
	data, _ = sample(t)
	off = frameOf(t, data, framePages, 0)
	data[off+frameHeaderSize+10] ^= 1
	repair(data)
	if _, err := mustOpen(t, data).Page(0); !errors.As(err, &format) || format.Offset != off || !strings.Contains(err.Error(), "hash") {
		t.Errorf("changed page: %v", err)
	}
}

// TestHostileBlob covers tables that claim what cannot be.
func TestHostileBlob(t *testing.T) {
	const off = 1 << 20
	large := &Blob{size: 1 << 30, ends: []int64{100}}
	for range large.size / chunkSize {
		large.ends = append(large.ends, large.ends[len(large.ends)-1]+20)
	}
	tests := map[string]*Blob{
		"too much for its bytes":  large,
		"no chunks":               {size: 10, ends: []int64{100}},
		"too many chunks":         {size: 10, ends: []int64{100, 200, 300}},
		"chunks behind the table": {size: 10, ends: []int64{100, 2 << 20}},
		"begins behind the table": {size: 10, ends: []int64{2 << 20, 2<<20 + 50}},
		"more than a file holds":  {size: 1 << 62, ends: []int64{100, 200}},
	}
	var format *FormatError
	for name, b := range tests {
		if _, _, err := readBlob(b.append(nil, Hash{}), off); !errors.As(err, &format) || format.Offset != off {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMissingFrame takes a frame out of a recording without an index: what
// comes behind it does not follow.
func TestMissingFrame(t *testing.T) {
	w, f := create(t, sampleManifest())
	for step := range Step(4) {
		check(t, w.Flush((step+1)*100, uint64(step)))
	}
	offsets := frames(t, f.data)
	r := mustOpen(t, slices.Concat(f.data[:offsets[2]], f.data[offsets[3]:]))
	if last, dropped, torn := r.Torn(); last != 100 || dropped == 0 || !torn {
		t.Errorf("torn %v at %s, %d bytes dropped", torn, last, dropped)
	}

	check(t, w.Append(Event{Step: 400, Kind: Interrupt}))
	check(t, w.Finish(500, 5))
	events := frameOf(t, f.data, frameEvents, 4)
	r = mustOpen(t, slices.Concat(f.data[:events], f.data[frameOf(t, f.data, frameEnd, 0):]))
	if last, _, torn := r.Torn(); last != 400 || !torn {
		t.Errorf("an end that misses an event before it: torn %v at %s", torn, last)
	}
}

// TestHostileIndex makes an index that names one frame more often than there
// is room for.
func TestHostileIndex(t *testing.T) {
	data, _ := sample(t)
	l := indexed(bytes.NewReader(data), int64(len(data)))
	index := l.appendIndex(nil, frameOf(t, data, frameEnd, 0), l.totals)
	fresh := func() *Log {
		fresh := newLog(nil)
		fresh.size = int64(len(data))
		return fresh
	}
	if _, err := fresh().readIndex(index); err != nil {
		t.Fatal(err)
	}
	for n := range index {
		if _, err := fresh().readIndex(index[:n]); err == nil {
			t.Errorf("%d bytes of the index are enough", n)
		}
	}
	l.digests = append(l.digests, l.digests[0])
	index = l.appendIndex(nil, frameOf(t, data, frameEnd, 0), l.totals)
	if _, err := fresh().readIndex(index); !errors.Is(err, errOffset) {
		t.Errorf("a digest that is named twice: %v", err)
	}
}

// TestFramesGoBack reads a frame whose events come before those of the frame
// before it, though its header fits.
func TestFramesGoBack(t *testing.T) {
	w, f := create(t, sampleManifest())
	check(t, w.Append(Event{Step: 50, Kind: Interrupt}))
	check(t, w.seal(point{}))
	w.log.tail.start(point{})
	w.log.far = 0
	check(t, w.Append(Event{Step: 40, Kind: Interrupt}))
	check(t, w.Append(Event{Step: 60, Kind: Interrupt}))
	check(t, w.seal(point{}))
	var format *FormatError
	if events, err := readEvents(mustOpen(t, f.data).Log); !errors.As(err, &format) || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}
