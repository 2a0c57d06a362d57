package gdbstub

import (
	"context"
	"fmt"
	"strings"
)

// transfer serves a slice of an object (gdb manual, "qXfer"): of the target
// description, the list of threads, or the memory map.
func (s *server) transfer(_ context.Context, args string) string {
	object, rest, _ := strings.Cut(args, ":")
	operation, rest, _ := strings.Cut(rest, ":")
	annex, window, _ := strings.Cut(rest, ":")
	if operation != "read" {
		return ""
	}
	offset, size, err := parsePair(window)
	if err != nil {
		return "E00"
	}
	switch {
	case object == "features" && annex == "target.xml":
		return slice(s.features, offset, size)
	case object == "features":
		return "E00"
	case object == "threads" && annex == "":
		return slice(s.threadList(), offset, size)
	case object == "memory-map" && annex == "":
		if memory, able := s.target.(Physical); able {
			return slice(memoryMap(memory.MemoryMap()), offset, size)
		}
	}
	return ""
}

// slice is the answer that holds a part of an object. At most half a packet of
// it, since an escaped character takes two.
func slice(object string, offset, size uint64) string {
	rest := object[min(offset, uint64(len(object))):]
	if size = min(size, maxPacket/2-1); size < uint64(len(rest)) {
		return "m" + rest[:size]
	}
	return "l" + rest
}

// threadList is the list of the harts (gdb manual, "Thread List Format").
func (s *server) threadList() string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<threads>\n")
	for hart := range s.target.Harts() {
		fmt.Fprintf(&b, "<thread id=\"%x\" core=\"%d\" name=\"hart %d\"/>\n", hart+1, hart, hart)
	}
	b.WriteString("</threads>\n")
	return b.String()
}

// memoryMap describes the whole address space (gdb manual, "Memory Map
// Format"), because gdb refuses what a map leaves out, and virtual addresses
// may be anywhere. A length has 64 bits, so that the space takes two halves.
func memoryMap(regions []Region) string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n" +
		"<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n" +
		"<memory-map>\n")
	write := func(kind string, start, size uint64) {
		if size > 0 {
			fmt.Fprintf(&b, "<memory type=\"%s\" start=\"0x%x\" length=\"0x%x\"/>\n", kind, start, size)
		}
	}
	const half = 1 << 63
	at := uint64(0)
	for _, r := range regions {
		if r.ROM && r.Start >= at && r.Start+r.Size <= half {
			write("ram", at, r.Start-at)
			write("rom", r.Start, r.Size)
			at = r.Start + r.Size
		}
	}
	write("ram", at, half-at)
	write("ram", half, half)
	b.WriteString("</memory-map>\n")
	return b.String()
}

// threads serves qfThreadInfo, the older way to ask.
func (s *server) threads(context.Context, string) string {
	ids := make([]string, s.target.Harts())
	for i := range ids {
		ids[i] = fmt.Sprintf("%x", i+1)
	}
	return "m" + strings.Join(ids, ",")
}
