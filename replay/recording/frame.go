package recording

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// magic starts every recording. It is followed by the version and by the
// CRC-32C of both.
const magic = "REPRISE\x1a"

const (
	fileHeaderSize  = 16
	frameHeaderSize = 12
	trailerMagic    = "REPINDEX"
	trailerSize     = frameHeaderSize + 8 + len(trailerMagic)
)

// frameType is the first byte of a frame.
type frameType byte

const (
	frameManifest frameType = 'M' // JSON
	frameChunk    frameType = 'C' // a part of a blob
	frameBlob     frameType = 'B' // a blob: its hash, and the table of its chunks
	frameEvents   frameType = 'E' // events, and the step reached
	frameDigest   frameType = 'D' // hashes of the machine's components
	framePages    frameType = 'P' // contents of memory pages
	frameSnapshot frameType = 'S' // a snapshot
	frameEnd      frameType = 'Z' // closes the events
	frameIndex    frameType = 'I' // where all the frames are
	frameTrailer  frameType = 'T' // where the index is
)

// Limits that a reader holds a file to. A frame is read into memory whole.
const (
	maxPayload    = 256 << 20                 // bytes of a frame
	maxUnpacked   = 256 << 20                 // bytes of a frame's content, decompressed
	maxDigest     = 16 << 20                  // bytes of a digest frame's content
	maxSnapshot   = 64 << 20                  // bytes of a snapshot frame's content
	maxPages      = 1 << 22                   // pages in a snapshot
	maxEventsRaw  = 2*frameCut + MaxEventData // bytes of an events frame's content
	maxEvents     = 4096                      // events in a frame
	maxRatio      = 1024                      // bytes of content for each byte in the file
	chunkSize     = 256 << 10                 // bytes of a blob's chunk
	frameCut      = 64 << 10                  // a frame with so many bytes of events is written
	packedMin     = 64                        // content shorter than this is not compressed
	skippableSize = 8                         // header of a skippable zstd frame
	skippable     = "\x50\x2a\x4d\x18"        // its magic
	castagnoli    = crc32.Castagnoli          // polynomial of the frames' checksum
	methodStored  = 0                         // packed content is as it is
	methodZstd    = 1                         // packed content is one or more zstd frames
)

var crcTable = crc32.MakeTable(castagnoli)

// checksum is the CRC-32C of a frame: the first 8 bytes of its header, and its
// payload.
func checksum(header, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(header[:8], crcTable), crcTable, payload)
}

// sealFrame fills in the header of a frame that was built in buf behind room
// for it.
func sealFrame(buf []byte, t frameType) {
	header, payload := buf[:frameHeaderSize], buf[frameHeaderSize:]
	header[0], header[1], header[2], header[3] = byte(t), 0, 0, 0
	binary.LittleEndian.PutUint32(header[4:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(header[8:], checksum(header, payload))
}

// fileHeader is the start of the file.
func fileHeader(version uint32) []byte {
	b := append(make([]byte, 0, fileHeaderSize), magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crcTable))
}

// frameHeader is the header of a frame, read.
type frameHeader struct {
	kind frameType
	size int64 // of the payload
	raw  [frameHeaderSize]byte
}

// readFrameHeader reads the header of the frame at off, in a file of the given
// size. It returns io.ErrUnexpectedEOF if the file ends inside the frame.
func readFrameHeader(src io.ReaderAt, off, size int64) (h frameHeader, err error) {
	if off < fileHeaderSize || off > size-frameHeaderSize {
		return h, io.ErrUnexpectedEOF
	}
	if err := readFull(src, h.raw[:], off); err != nil {
		return h, err
	}
	h.kind = frameType(h.raw[0])
	h.size = int64(binary.LittleEndian.Uint32(h.raw[4:]))
	if h.raw[1]|h.raw[2]|h.raw[3] != 0 || h.size > maxPayload {
		return h, damaged(off, "what should be the header of a frame is not one")
	}
	if off+frameHeaderSize+h.size > size {
		return h, io.ErrUnexpectedEOF
	}
	return h, nil
}

// readFrame reads the frame at off and checks its checksum and type.
func readFrame(src io.ReaderAt, off, size int64, want frameType) ([]byte, error) {
	return readFrameInto(nil, src, off, size, want)
}

// readFrameInto is readFrame with memory that may be used for the result.
func readFrameInto(buf []byte, src io.ReaderAt, off, size int64, want frameType) ([]byte, error) {
	h, err := readFrameHeader(src, off, size)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, damaged(off, "the file ends inside a frame")
	}
	if err != nil {
		return nil, err
	}
	if h.kind != want {
		return nil, damaged(off, "a frame of type %q where one of type %q is expected", h.kind, want)
	}
	return readPayload(buf, src, off, h)
}

// readPayload reads what follows a frame's header and checks it. The result is
// in buf, if there is room for it.
func readPayload(buf []byte, src io.ReaderAt, off int64, h frameHeader) ([]byte, error) {
	payload := slices.Grow(buf[:0], int(h.size))[:h.size]
	if err := readFull(src, payload, off+frameHeaderSize); err != nil {
		return nil, err
	}
	if checksum(h.raw[:], payload) != binary.LittleEndian.Uint32(h.raw[8:]) {
		return nil, damaged(off, "the checksum of a frame of type %q does not match its content", h.kind)
	}
	return payload, nil
}

// readFull fills p from off.
func readFull(src io.ReaderAt, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// The encoders: the fast one is for images and pages, which are most of the
// file.
var (
	thorough = sync.OnceValue(func() *zstd.Encoder { return newEncoder(zstd.SpeedDefault) })
	fast     = sync.OnceValue(func() *zstd.Encoder { return newEncoder(zstd.SpeedFastest) })
)

func newEncoder(level zstd.EncoderLevel) *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("BUG: zstd encoder: " + err.Error())
	}
	return e
}

var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxUnpacked),
		zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic("BUG: zstd decoder: " + err.Error())
	}
	return d
})

// pack appends content in its packed form: its length, how it is stored, and
// what is stored. A reader allocates at most maxRatio bytes for a byte that it
// was given, so content that compresses better than that is padded with a
// skippable frame.
func pack(buf, content []byte) []byte { return packWith(thorough(), buf, content) }

func packWith(encoder *zstd.Encoder, buf, content []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(content)))
	if len(content) >= packedMin {
		start := len(buf)
		buf = append(buf, methodZstd)
		buf = encoder.EncodeAll(content, buf)
		stored := len(buf) - start - 1
		if least := (len(content) + maxRatio - 1) / maxRatio; stored < least {
			padding := max(least-stored-skippableSize, 0)
			buf = append(buf, skippable...)
			buf = binary.LittleEndian.AppendUint32(buf, uint32(padding))
			buf = append(buf, make([]byte, padding)...)
		}
		if len(buf)-start-1 < len(content) {
			return buf
		}
		buf = buf[:start]
	}
	buf = append(buf, methodStored)
	return append(buf, content...)
}

// unpack reads packed content of at most limit bytes that takes up the whole
// of b. The result may be a part of b.
func unpack(b []byte, limit int) ([]byte, error) {
	content, _, err := unpackInto(nil, b, limit)
	return content, err
}

// unpackInto is unpack with memory that may be used for the result. packed tells
// that the result is not a part of b.
func unpackInto(buf, b []byte, limit int) (content []byte, packed bool, err error) {
	r := bytesReader{buf: b}
	n := r.uvarint()
	method := r.byte()
	switch {
	case r.err != nil:
		return nil, false, r.err
	case n > uint64(limit):
		return nil, false, errTooLarge
	case method == methodStored:
		if n != uint64(len(r.buf)) {
			return nil, false, errShort
		}
		return r.buf, false, nil
	case method != methodZstd:
		return nil, false, errMethod
	case n > maxRatio*uint64(len(r.buf)):
		return nil, false, errRatio
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, 0, n)
	}
	out, err := decoder().DecodeAll(r.buf, buf[:0:n])
	if err != nil {
		return nil, false, err
	}
	if uint64(len(out)) != n {
		return nil, false, errShort
	}
	return out, true, nil
}
