package recording

import (
	"encoding/binary"
	"fmt"
)

// ComponentDigest is the hash of one component of the machine: a hart, a
// device, or a MiB of RAM.
type ComponentDigest struct {
	Name string
	Sum  uint64
}

// maxName is the most bytes that the name of a component has.
const maxName = 255

// DigestMark says where in the recording a digest is.
type DigestMark struct {
	Step Step
	off  int64
}

// Digest writes the digest of the state before the step, after the events so
// far.
func (w *Writer) Digest(step Step, sums []ComponentDigest) error {
	if w.err != nil {
		return w.err
	}
	if w.end != 0 {
		return w.fail(fmt.Errorf("a digest at step %s comes after the end", step))
	}
	if err := w.reach("digest", step); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	var body []byte
	for _, s := range sums {
		if len(s.Name) > maxName {
			return w.fail(fmt.Errorf("a component's name has %d bytes; %d is the limit", len(s.Name), maxName))
		}
		body = append(append(body, byte(len(s.Name))), s.Name...)
		body = binary.LittleEndian.AppendUint64(body, s.Sum)
	}
	if len(body) > maxDigest {
		return w.fail(fmt.Errorf("digest at step %s takes %d bytes; %d is the limit", step, len(body), maxDigest))
	}
	w.begin()
	w.frame = binary.AppendUvarint(w.frame, uint64(step))
	w.frame = pack(w.frame, body)
	off, err := w.commit(frameDigest)
	if err != nil {
		return err
	}
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.addDigest(DigestMark{step, off})
	return nil
}

// Digests lists the digests in the order of their steps.
func (l *Log) Digests() []DigestMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.digests[:len(l.digests):len(l.digests)]
}

func (l *Log) addDigest(m DigestMark) {
	l.digests = append(l.digests, m)
	l.far = max(l.far, m.Step)
}

// Digest reads a digest.
func (l *Log) Digest(m DigestMark) ([]ComponentDigest, error) {
	payload, err := readFrame(l.src, m.off, l.fileSize(), frameDigest)
	if err != nil {
		return nil, err
	}
	r := bytesReader{buf: payload}
	if step := r.step(); step != m.Step {
		return nil, damaged(m.off, "a digest is not the one that the index names")
	}
	body, err := unpack(r.buf, maxDigest)
	if err != nil {
		return nil, &FormatError{Offset: m.off, What: "digest", Err: err}
	}
	r = bytesReader{buf: body}
	var sums []ComponentDigest
	for len(r.buf) > 0 {
		name := r.fixed(int(r.byte()))
		sums = append(sums, ComponentDigest{string(name), r.uint64()})
	}
	if err := r.end(); err != nil {
		return nil, &FormatError{Offset: m.off, What: "digest", Err: err}
	}
	return sums, nil
}
