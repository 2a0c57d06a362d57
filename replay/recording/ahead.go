package recording

import (
	"runtime"
	"sync/atomic"

	"reprise/internal/guard"
)

// maxAhead is how many bytes of content may wait to be packed and written. An
// ordinary kernel with its initramfs fits in, so that the machine need not wait
// for them.
const maxAhead = 64 << 20

// ahead is the frames that were handed over and are not written yet. Their
// content is packed on other goroutines meanwhile; the order in which they are
// written is that in which they came.
type ahead struct {
	queue []*aheadFrame
	bytes int           // of content
	cores chan struct{} // a place for each goroutine that packs
}

// aheadFrame is one of them.
type aheadFrame struct {
	head    []byte // of the payload: what stands before the packed content
	content []byte
	taken   atomic.Bool   // somebody packs it
	packed  chan struct{} // closed when frame is complete
	frame   []byte
	write   func(frame []byte) error
}

// pack builds the frame, unless somebody else does.
func (f *aheadFrame) pack() {
	if f.taken.Swap(true) {
		return
	}
	f.frame = append(make([]byte, frameHeaderSize), f.head...)
	f.frame = packWith(fast(), f.frame, f.content)
	close(f.packed)
}

// later has a frame packed on another goroutine and written when its turn comes:
// before whatever is handed over or committed after it. write does that, given
// the frame with room for its header. The content is not to be changed any more.
func (w *Writer) later(head, content []byte, write func(frame []byte) error) error {
	f := &aheadFrame{head: head, content: content, packed: make(chan struct{}), write: write}
	a := &w.ahead
	if a.cores == nil {
		// One core is left to the machine, which may already run.
		a.cores = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))
	}
	a.queue = append(a.queue, f)
	a.bytes += len(content)
	guard.Go(func() {
		a.cores <- struct{}{}
		f.pack()
		<-a.cores
	})
	for a.bytes > maxAhead {
		f.pack() // rather than wait for another one
		if err := w.writeFirst(); err != nil {
			return err
		}
	}
	return nil
}

// writeFirst writes the frame that has waited longest.
func (w *Writer) writeFirst() error {
	a := &w.ahead
	f := a.queue[0]
	a.queue[0] = nil
	a.queue = a.queue[1:]
	a.bytes -= len(f.content)
	<-f.packed
	return f.write(f.frame)
}

// catchUp writes all frames that were handed over.
func (w *Writer) catchUp() error {
	for i := len(w.ahead.queue) - 1; i >= 0; i-- {
		w.ahead.queue[i].pack() // helps from the end, as the others begin at the start
	}
	for len(w.ahead.queue) > 0 {
		if w.err != nil {
			return w.err
		}
		if err := w.writeFirst(); err != nil {
			return err
		}
	}
	return nil
}
