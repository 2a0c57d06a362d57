package recording

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"
)

// PageSize is the size of the memory pages of a snapshot, in bytes.
const PageSize = 4096

// groupPages is the number of pages that share a frame.
const groupPages = 64

// PageID names the content of a page within one recording: the pages of equal
// content have the same.
type PageID uint64

// PageRef places a page in a snapshot's memory.
type PageRef struct {
	Number uint64 // of the page: its address divided by PageSize
	Page   PageID // its content
}

// Output is how much a character device had sent.
type Output struct {
	Device uint8
	Offset uint64 // bytes since the start of the recording
}

// Snapshot is the saved state of a session before a step. It stands for
// itself: no other snapshot is needed to restore it.
type Snapshot struct {
	Step    Step
	Virtual uint64      // ns
	Ordinal uint64      // events in the log before it
	State   []byte      // the machine's components, without memory
	Pages   []PageRef   // by rising number; pages that are not listed are as at power-on
	Disks   [][]PageRef // for each disk the blocks of PageSize bytes that were written, by rising number
	Outputs []Output
}

// SnapshotMark says where in the recording a snapshot is.
type SnapshotMark struct {
	Step    Step
	Ordinal uint64
	off     int64
}

// pageGroup is a frame of pages.
type pageGroup struct {
	first PageID
	count int
	off   int64
}

// pageWriter gathers the pages of a frame.
type pageWriter struct {
	known  map[Hash]PageID
	hashes []Hash
	buf    []byte
}

// SnapshotPage adds the content of a page, which is PageSize bytes, unless
// the recording has it already.
func (w *Writer) SnapshotPage(content []byte) (PageID, error) {
	if w.err != nil {
		return 0, w.err
	}
	if len(content) != PageSize {
		return 0, w.fail(fmt.Errorf("a page of %d bytes; it has %d", len(content), PageSize))
	}
	hash := Sum(content)
	if id, ok := w.pages.known[hash]; ok {
		return id, nil
	}
	id := PageID(len(w.pages.known))
	w.pages.known[hash] = id
	if w.pages.buf == nil {
		w.pages.buf = make([]byte, 0, groupPages*PageSize)
	}
	w.pages.hashes = append(w.pages.hashes, hash)
	w.pages.buf = append(w.pages.buf, content...)
	if len(w.pages.hashes) == groupPages {
		return id, w.writePages()
	}
	return id, nil
}

// PackedSize is about how many bytes of the file pages take, which are at most
// 64 pages one after the other.
func PackedSize(content []byte) int64 { return int64(len(packWith(fast(), nil, content))) }

// writePages hands over the frame of the pages gathered so far.
func (w *Writer) writePages() error {
	p := &w.pages
	if len(p.hashes) == 0 {
		return nil
	}
	g := pageGroup{first: PageID(len(p.known) - len(p.hashes)), count: len(p.hashes)}
	head := binary.AppendUvarint(nil, uint64(g.first))
	head = binary.AppendUvarint(head, uint64(g.count))
	for _, hash := range p.hashes {
		head = append(head, hash[:]...)
	}
	content := p.buf
	p.hashes, p.buf = p.hashes[:0], nil
	return w.later(head, content, func(frame []byte) (err error) {
		if g.off, err = w.put(framePages, frame); err != nil {
			return err
		}
		w.log.mu.Lock()
		w.log.pages = append(w.log.pages, g)
		w.log.mu.Unlock()
		return nil
	})
}

// Snapshot writes a snapshot whose pages were given to SnapshotPage before,
// after the events so far.
func (w *Writer) Snapshot(s *Snapshot) error {
	if w.err != nil {
		return w.err
	}
	if err := w.checkSnapshot(s); err != nil {
		return w.fail(err)
	}
	if err := w.writePages(); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	body := s.appendBody(nil)
	if len(body) > maxSnapshot {
		return w.fail(fmt.Errorf("snapshot at step %s takes %d bytes; %d is the limit", s.Step, len(body), maxSnapshot))
	}
	w.begin()
	w.frame = binary.AppendUvarint(w.frame, uint64(s.Step))
	w.frame = binary.AppendUvarint(w.frame, s.Ordinal)
	w.frame = pack(w.frame, body)
	off, err := w.commit(frameSnapshot)
	if err != nil {
		return err
	}
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.addSnapshot(SnapshotMark{s.Step, s.Ordinal, off})
	return nil
}

func (w *Writer) checkSnapshot(s *Snapshot) error {
	if length := w.log.Len(); s.Ordinal > length {
		return fmt.Errorf("snapshot at step %s after event %d of %d", s.Step, s.Ordinal, length)
	}
	for _, list := range append([][]PageRef{s.Pages}, s.Disks...) {
		if len(list) > maxPages {
			return fmt.Errorf("snapshot at step %s has %d pages; %d is the limit", s.Step, len(list), maxPages)
		}
		for i, p := range list {
			if p.Page >= PageID(len(w.pages.known)) {
				return fmt.Errorf("snapshot at step %s has page %d, which was not given", s.Step, p.Page)
			}
			if i > 0 && p.Number <= list[i-1].Number {
				return fmt.Errorf("snapshot at step %s has its pages out of order", s.Step)
			}
		}
	}
	return nil
}

// appendBody appends what the frame keeps packed.
func (s *Snapshot) appendBody(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, s.Virtual)
	buf = binary.AppendUvarint(buf, uint64(len(s.Outputs)))
	for _, o := range s.Outputs {
		buf = append(buf, o.Device)
		buf = binary.AppendUvarint(buf, o.Offset)
	}
	buf = binary.AppendUvarint(buf, uint64(len(s.State)))
	buf = append(buf, s.State...)
	buf = appendRefs(buf, s.Pages)
	buf = binary.AppendUvarint(buf, uint64(len(s.Disks)))
	for _, blocks := range s.Disks {
		buf = appendRefs(buf, blocks)
	}
	return buf
}

// appendRefs appends a list of pages, each as its difference from the one
// before.
func appendRefs(buf []byte, list []PageRef) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(list)))
	last := PageRef{}
	for _, p := range list {
		buf = binary.AppendUvarint(buf, p.Number-last.Number)
		buf = binary.AppendVarint(buf, int64(p.Page-last.Page))
		last = p
	}
	return buf
}

// Snapshots lists the snapshots in the order of their steps.
func (l *Log) Snapshots() []SnapshotMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := append([]SnapshotMark(nil), l.snapshots...)
	sort.SliceStable(list, func(i, j int) bool { return list[i].Step < list[j].Step })
	return list
}

func (l *Log) addSnapshot(m SnapshotMark) {
	l.snapshots = append(l.snapshots, m)
	l.far = max(l.far, m.Step)
}

// Snapshot reads a snapshot, without its pages.
func (l *Log) Snapshot(m SnapshotMark) (*Snapshot, error) {
	payload, err := readFrame(l.src, m.off, l.fileSize(), frameSnapshot)
	if err != nil {
		return nil, err
	}
	r := bytesReader{buf: payload}
	s := &Snapshot{Step: r.step(), Ordinal: r.uvarint()}
	if s.Step != m.Step || s.Ordinal != m.Ordinal {
		return nil, damaged(m.off, "a snapshot is not the one that the index names")
	}
	body, err := unpack(r.buf, maxSnapshot)
	if err == nil {
		r = bytesReader{buf: body}
		s.readBody(&r)
		err = r.end()
	}
	if err != nil {
		return nil, &FormatError{Offset: m.off, What: "snapshot", Err: err}
	}
	return s, nil
}

func (s *Snapshot) readBody(r *bytesReader) {
	s.Virtual = r.uvarint()
	for range r.count(2) {
		s.Outputs = append(s.Outputs, Output{r.byte(), r.uvarint()})
	}
	s.State = r.bytes(maxSnapshot)
	s.Pages = readRefs(r)
	for range r.count(1) {
		s.Disks = append(s.Disks, readRefs(r))
	}
}

func readRefs(r *bytesReader) []PageRef {
	count := r.count(2)
	if count > maxPages {
		r.fail(errTooLarge)
		return nil
	}
	list := make([]PageRef, 0, count)
	last := PageRef{}
	for range count {
		delta := r.uvarint()
		if r.err != nil || len(list) > 0 && delta == 0 || last.Number+delta < last.Number {
			r.fail(errPages)
			return nil
		}
		last.Number += delta
		last.Page += PageID(r.varint())
		list = append(list, last)
	}
	return list
}

// Page reads the content of a page and checks its hash. The content belongs
// to the log and is not to be changed.
func (l *Log) Page(id PageID) ([]byte, error) {
	l.mu.Lock()
	i := sort.Search(len(l.pages), func(i int) bool { return l.pages[i].first > id }) - 1
	if i < 0 || id-l.pages[i].first >= PageID(l.pages[i].count) {
		l.mu.Unlock()
		return nil, fmt.Errorf("%w %d", errNoPage, id)
	}
	g := l.pages[i]
	content, ok := l.opened.get(i)
	l.mu.Unlock()
	if !ok {
		var err error
		if content, err = l.readPages(g); err != nil {
			return nil, err
		}
		l.mu.Lock()
		l.opened.put(i, content)
		l.mu.Unlock()
	}
	at := int(id-g.first) * PageSize
	return content[at : at+PageSize : at+PageSize], nil
}

// readPages reads a frame of pages.
func (l *Log) readPages(g pageGroup) ([]byte, error) {
	payload, err := readFrame(l.src, g.off, l.fileSize(), framePages)
	if err != nil {
		return nil, err
	}
	r := bytesReader{buf: payload}
	found := pageGroup{off: g.off}
	found.readHeader(&r)
	if r.err == nil && found != g {
		return nil, damaged(g.off, "a frame of pages is not the one that the index names")
	}
	hashes := r.fixed(g.count * len(Hash{}))
	content, err := unpack(r.buf, groupPages*PageSize)
	if r.err != nil {
		err = r.err
	}
	if err != nil {
		return nil, &FormatError{Offset: g.off, What: "frame of pages", Err: err}
	}
	if len(content) != g.count*PageSize {
		return nil, damaged(g.off, "a frame of %d pages has %d bytes", g.count, len(content))
	}
	for i := range g.count {
		hash := Sum(content[i*PageSize : (i+1)*PageSize])
		if !bytes.Equal(hash[:], hashes[i*len(hash):(i+1)*len(hash)]) {
			return nil, damaged(g.off, "the content of page %d does not match its hash", g.first+PageID(i))
		}
	}
	return content, nil
}

func (g *pageGroup) readHeader(r *bytesReader) {
	g.first = PageID(r.uvarint())
	count := r.uvarint()
	if count == 0 || count > groupPages {
		r.fail(errTooLarge)
		return
	}
	g.count = int(count)
}
