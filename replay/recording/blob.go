package recording

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"
)

// Content is the content of a blob, in memory, and the hash by which the
// manifest names it.
type Content struct {
	Hash Hash
	Data []byte
}

// ContentOf hashes data.
func ContentOf(data []byte) Content { return Content{Sum(data), data} }

// Blob takes the content of a blob, such as an image. What is already there is
// not written again. The content is packed on other goroutines and is in the
// file after the next flush at the latest; it must not change until then.
func (w *Writer) Blob(c Content) error {
	if w.err != nil || w.hasBlob(c.Hash) {
		return w.err
	}
	b := new(Blob)
	for chunk := range slices.Chunk(c.Data, chunkSize) {
		if err := w.addChunk(b, chunk); err != nil {
			return err
		}
	}
	return w.addBlob(b, c.Hash)
}

// BlobFrom writes a blob that is read piece by piece, and returns when it is in
// the file. Its hash is known before; if the content turns out to have another
// the error is ErrChanged. After that, or an error of the content's, nothing
// more can be written.
func (w *Writer) BlobFrom(content io.Reader, hash Hash) error {
	if w.err != nil || w.hasBlob(hash) {
		return w.err
	}
	b, sum := new(Blob), sha256.New()
	for more := true; more; {
		chunk := make([]byte, chunkSize)
		n, err := io.ReadFull(content, chunk)
		more = err == nil
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			_ = w.fail(err)
			return err
		}
		if n == 0 {
			break
		}
		_, _ = sum.Write(chunk[:n]) // it does not fail
		if err := w.addChunk(b, chunk[:n]); err != nil {
			return err
		}
	}
	if Hash(sum.Sum(nil)) != hash {
		_ = w.fail(ErrChanged)
		return ErrChanged
	}
	if err := w.addBlob(b, hash); err != nil {
		return err
	}
	return w.catchUp()
}

// hasBlob reports whether a blob is in the file, or about to be written.
func (w *Writer) hasBlob(hash Hash) bool {
	_, written := w.log.blobs[hash]
	return written || w.coming[hash]
}

// addChunk hands over the next chunk of a blob.
func (w *Writer) addChunk(b *Blob, chunk []byte) error {
	b.size += int64(len(chunk))
	return w.later(nil, chunk, func(frame []byte) error {
		off, err := w.put(frameChunk, frame)
		if len(b.ends) == 0 {
			b.ends = append(b.ends, off)
		}
		b.ends = append(b.ends, w.log.size)
		return err
	})
}

// addBlob hands over the frame that makes a blob of its chunks.
func (w *Writer) addBlob(b *Blob, hash Hash) error {
	w.coming[hash] = true
	return w.later(nil, nil, func([]byte) error {
		if len(b.ends) == 0 {
			b.ends = append(b.ends, w.log.size)
		}
		off, err := w.put(frameBlob, b.append(make([]byte, frameHeaderSize), hash))
		if err != nil {
			return err
		}
		w.log.mu.Lock()
		w.log.blobs[hash] = off
		w.log.mu.Unlock()
		delete(w.missing, hash)
		return nil
	})
}

// Blob is a blob in a recording. Any goroutine may read it.
type Blob struct {
	log  *Log
	size int64
	ends []int64 // offsets of the chunk frames, and of what follows them

	mu     sync.Mutex
	chunks cache[int, []byte] // decompressed
}

// append appends the payload of a blob's frame.
func (b *Blob) append(buf []byte, hash Hash) []byte {
	buf = append(buf, hash[:]...)
	buf = binary.AppendUvarint(buf, uint64(b.size))
	buf = binary.AppendUvarint(buf, uint64(b.ends[0]))
	for i, end := range b.ends[1:] {
		buf = binary.AppendUvarint(buf, uint64(end-b.ends[i]))
	}
	return buf
}

// readBlob reads what append wrote in the frame at off. The chunks lie before
// the frame.
func readBlob(payload []byte, off int64) (*Blob, Hash, error) {
	r := bytesReader{buf: payload}
	hash := r.hash()
	size := r.uvarint()
	next := r.uvarint()
	chunks := size / chunkSize
	if size%chunkSize != 0 {
		chunks++
	}
	if r.err != nil || chunks > uint64(len(r.buf)) || next > uint64(off) {
		return nil, hash, damaged(off, "the table of a blob does not fit its size")
	}
	b := &Blob{size: int64(size), ends: make([]int64, 1, chunks+1)}
	b.ends[0] = int64(next)
	for range chunks {
		length := r.uvarint()
		if length > uint64(off)-next {
			return nil, hash, damaged(off, "a chunk of a blob does not lie before its table")
		}
		next += length
		b.ends = append(b.ends, int64(next))
	}
	if err := r.end(); err != nil {
		return nil, hash, &FormatError{Offset: off, What: "the table of a blob", Err: err}
	}
	if stored := b.ends[len(b.ends)-1] - b.ends[0]; b.size > maxRatio*stored {
		return nil, hash, damaged(off, "a blob claims to hold %d bytes in %d", b.size, stored)
	}
	return b, hash, nil
}

// OpenBlob finds a blob and reads its table. The error wraps ErrNoBlob if the
// recording does not hold it.
func (l *Log) OpenBlob(hash Hash) (*Blob, error) {
	l.mu.Lock()
	off, ok := l.blobs[hash]
	size := l.size
	l.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoBlob, hash)
	}
	payload, err := readFrame(l.src, off, size, frameBlob)
	if err != nil {
		return nil, err
	}
	b, found, err := readBlob(payload, off)
	if err != nil {
		return nil, err
	}
	if found != hash {
		return nil, damaged(off, "a blob is not the one that the index names")
	}
	b.log = l
	return b, nil
}

// Blob reads a whole blob and checks its hash. For a large one, OpenBlob reads
// only what is needed.
func (l *Log) Blob(hash Hash) ([]byte, error) {
	b, err := l.OpenBlob(hash)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, b.size)
	for i := range len(b.ends) - 1 {
		chunk, err := b.readChunk(i)
		if err != nil {
			return nil, err
		}
		data = append(data, chunk...)
	}
	if Sum(data) != hash {
		return nil, damaged(b.ends[0], "the content of blob %s does not match its hash", hash)
	}
	return data, nil
}

// Size is the blob's size in bytes.
func (b *Blob) Size() int64 { return b.size }

// ReadAt implements io.ReaderAt. It decompresses only the chunks that it
// needs; they are checked by their checksums, not by the blob's hash.
func (b *Blob) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("blob read at offset %d", off)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(p) && off < b.size {
		i := int(off / chunkSize)
		chunk, ok := b.chunks.get(i)
		if !ok {
			var err error
			if chunk, err = b.readChunk(i); err != nil {
				return n, err
			}
			b.chunks.put(i, chunk)
		}
		copied := copy(p[n:], chunk[off%chunkSize:])
		n += copied
		off += int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readChunk reads and decompresses chunk i.
func (b *Blob) readChunk(i int) ([]byte, error) {
	off := b.ends[i]
	payload, err := readFrame(b.log.src, off, b.ends[i+1], frameChunk)
	if err != nil {
		return nil, err
	}
	chunk, err := unpack(payload, chunkSize)
	if err != nil {
		return nil, &FormatError{Offset: off, What: "a chunk of a blob", Err: err}
	}
	if int64(len(chunk)) != min(b.size-int64(i)*chunkSize, chunkSize) {
		return nil, damaged(off, "a chunk of a blob has %d bytes", len(chunk))
	}
	return chunk, nil
}

// Blobs lists the hashes of the blobs in the file, in the order of their
// frames.
func (l *Log) Blobs() []Hash {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Hash, 0, len(l.blobs))
	for hash := range l.blobs {
		list = append(list, hash)
	}
	sort.Slice(list, func(i, j int) bool { return l.blobs[list[i]] < l.blobs[list[j]] })
	return list
}
