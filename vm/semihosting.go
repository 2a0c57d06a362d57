package vm

import (
	"bytes"
	"encoding/binary"

	"reprise/vm/riscv"
	"reprise/vm/state"
)

// Semihosting is what a guest may ask of its host (Semihosting for AArch32 and
// AArch64 2.0, which RISC-V Semihosting 1.0 takes over): a console, the time, its
// command line, and to end. There are no files, and no commands are run.
type Semihosting struct {
	User        bool   // U-mode may ask, too
	CommandLine string // what SYS_GET_CMDLINE answers
}

// The requests that are answered. To any other the answer is -1.
const (
	sysOpen         = 0x01
	sysClose        = 0x02
	sysWriteC       = 0x03
	sysWrite0       = 0x04
	sysWrite        = 0x05
	sysRead         = 0x06
	sysReadC        = 0x07
	sysIsError      = 0x08
	sysIsTTY        = 0x09
	sysClock        = 0x10
	sysTime         = 0x11
	sysErrno        = 0x13
	sysGetCmdline   = 0x15
	sysHeapInfo     = 0x16
	sysExit         = 0x18
	sysExitExtended = 0x20
	sysElapsed      = 0x30
	sysTickFreq     = 0x31
)

const (
	failed = ^uint64(0)
	// consoleName is the file that stands for the console (SYS_OPEN).
	consoleName = ":tt"
	// The handles of the console: opened to read, to write, or to append.
	handleIn, handleOut, handleErr = 1, 2, 3
	// applicationExit is the reason of an exit that is none of trouble.
	applicationExit = 0x20026
	// transfer is the most bytes that one request moves. SYS_READ and SYS_WRITE
	// say how many are left.
	transfer = 64 << 10

	errNoSys = 38 // Linux's numbers, which newlib has as well
	errFault = 14
)

// semihost is the host's side of semihosting.
type semihost struct {
	machine *Machine    `state:"-"`
	config  Semihosting `state:"-"`
	errno   uint32      // of the last request that failed
}

// Visit implements state.Component.
func (s *semihost) Visit(v *state.Visitor) { v.Uint32(&s.errno) }

// addSemihosting turns semihosting on for all harts, if it is configured.
func (m *Machine) addSemihosting() {
	if m.config.Semihosting == nil {
		return
	}
	m.semihost = &semihost{machine: m, config: *m.config.Semihosting}
	for _, h := range m.harts {
		h.SetSemihosting(riscv.Semihosting{
			User: m.semihost.config.User,
			Call: func() bool { return m.semihost.call(h) },
		})
	}
}

// call does what the hart asks for. It reports false, and has changed nothing, if
// it asks for input that is not there yet.
func (s *semihost) call(h *riscv.Hart) (done bool) {
	number, arg := uint32(h.X(10)), h.X(11)
	answer, done := uint64(0), true
	switch number {
	case sysReadC:
		answer, done = s.readByte()
	case sysRead:
		answer, done = s.read(h, arg)
	default:
		answer = s.answer(h, number, arg)
	}
	if done {
		h.SetX(10, answer)
	}
	return done
}

// answer is that of a request which needs no input.
func (s *semihost) answer(h *riscv.Hart, number uint32, arg uint64) uint64 {
	m := s.machine
	switch number {
	case sysOpen:
		return s.open(h, arg)
	case sysClose, sysIsTTY, sysIsError, sysGetCmdline, sysHeapInfo, sysWrite, sysExit, sysExitExtended, sysElapsed:
		return s.withBlock(h, number, arg)
	case sysWriteC:
		var c [1]byte
		if h.PeekMemory(arg, c[:]) == 0 {
			return s.fail(errFault)
		}
		s.output(c[:])
		return 0
	case sysWrite0:
		s.output(text(h, arg, transfer))
		return 0
	case sysClock:
		return m.clock() / 10_000_000 // hundredths of a second
	case sysTime:
		return m.host.HostClock(m.now()) / 1_000_000_000
	case sysErrno:
		return uint64(s.errno)
	case sysTickFreq:
		return 1_000_000_000
	}
	return s.fail(errNoSys)
}

// fail is the answer to a request that fails.
func (s *semihost) fail(errno uint32) uint64 {
	s.errno = errno
	return failed
}

// withBlock answers a request whose argument is the address of a block of
// doublewords.
func (s *semihost) withBlock(h *riscv.Hart, number uint32, at uint64) uint64 {
	if number == sysElapsed {
		return s.poke(h, at, s.machine.clock())
	}
	fields := map[uint32]int{sysWrite: 3, sysGetCmdline: 2, sysExit: 2, sysExitExtended: 2}
	block, ok := words(h, at, max(1, fields[number]))
	if !ok {
		return s.fail(errFault)
	}
	switch number {
	case sysClose:
		return s.handle(block[0], 0)
	case sysIsTTY:
		return s.handle(block[0], 1)
	case sysIsError:
		if int64(block[0]) < 0 {
			return 1
		}
		return 0
	case sysWrite:
		return s.write(h, block)
	case sysGetCmdline:
		return s.commandLine(h, at, block)
	case sysHeapInfo: // 0: the program knows better
		return s.poke(h, block[0], 0, 0, 0, 0)
	default:
		s.exit(block)
		return 0
	}
}

// open answers SYS_OPEN: only the console can be.
func (s *semihost) open(h *riscv.Hart, at uint64) uint64 {
	block, ok := words(h, at, 3)
	if !ok {
		return s.fail(errFault)
	}
	if block[2] != uint64(len(consoleName)) || string(text(h, block[0], len(consoleName))) != consoleName {
		return s.fail(errNoSys)
	}
	switch mode := block[1]; {
	case mode < 4:
		return handleIn
	case mode < 8:
		return handleOut
	case mode < 12:
		return handleErr
	}
	return s.fail(errNoSys)
}

// handle answers a question about a handle, which has to be the console's.
func (s *semihost) handle(handle, answer uint64) uint64 {
	if handle < handleIn || handle > handleErr {
		return s.fail(errNoSys)
	}
	return answer
}

// write answers SYS_WRITE with the number of bytes that were not written.
func (s *semihost) write(h *riscv.Hart, block []uint64) uint64 {
	if block[0] != handleOut && block[0] != handleErr {
		return s.fail(errNoSys)
	}
	p := make([]byte, min(block[2], transfer))
	n := h.PeekMemory(block[1], p)
	s.output(p[:n])
	return block[2] - uint64(n)
}

// output writes to the console, all of it.
func (s *semihost) output(p []byte) {
	if len(p) > 0 {
		s.machine.host.CharWriteAll(s.machine.now(), SemihostingDevice, p)
	}
}

// readByte answers SYS_READC with a byte, -1 at the end of the input.
func (s *semihost) readByte() (answer uint64, done bool) {
	var c [1]byte
	n, ok := s.machine.host.CharReadAll(s.machine.now(), SemihostingDevice, c[:])
	if n == 0 {
		return failed, ok
	}
	return uint64(c[0]), true
}

// read answers SYS_READ with the number of bytes that were not read.
func (s *semihost) read(h *riscv.Hart, at uint64) (answer uint64, done bool) {
	block, ok := words(h, at, 3)
	if !ok {
		return s.fail(errFault), true
	}
	if block[0] != handleIn {
		return s.fail(errNoSys), true
	}
	size := s.writable(h, block[1], min(block[2], transfer))
	if size == 0 {
		return block[2], true
	}
	p := make([]byte, size)
	n, ok := s.machine.host.CharReadAll(s.machine.now(), SemihostingDevice, p)
	if !ok {
		return 0, false
	}
	s.store(h, block[1], p[:n])
	return block[2] - uint64(n), true
}

// commandLine answers SYS_GET_CMDLINE.
func (s *semihost) commandLine(h *riscv.Hart, at uint64, block []uint64) uint64 {
	line := append([]byte(s.config.CommandLine), 0)
	if uint64(len(line)) > block[1] || s.writable(h, block[0], uint64(len(line))) < uint64(len(line)) {
		return s.fail(errFault)
	}
	s.store(h, block[0], line)
	return s.poke(h, at+8, uint64(len(line)-1))
}

// exit ends the machine (SYS_EXIT, SYS_EXIT_EXTENDED).
func (s *semihost) exit(block []uint64) {
	switch code := uint16(block[1]); {
	case block[0] != applicationExit:
		s.machine.finish(Shutdown{Cause: GuestFailure, Code: 1})
	case code != 0:
		s.machine.finish(Shutdown{Cause: GuestFailure, Code: code})
	default:
		s.machine.finish(Shutdown{Cause: GuestShutdown})
	}
}

// words reads n doublewords of virtual memory, protection ignored as qemu does.
func words(h *riscv.Hart, at uint64, n int) ([]uint64, bool) {
	p := make([]byte, 8*n)
	if h.PeekMemory(at, p) < len(p) {
		return nil, false
	}
	list := make([]uint64, n)
	for i := range list {
		list[i] = binary.LittleEndian.Uint64(p[8*i:])
	}
	return list, true
}

// text reads up to a zero, and at most limit bytes.
func text(h *riscv.Hart, at uint64, limit int) []byte {
	p := make([]byte, limit)
	p = p[:h.PeekMemory(at, p)]
	if end := bytes.IndexByte(p, 0); end >= 0 {
		p = p[:end]
	}
	return p
}

// poke writes doublewords, and is the answer of a request that ends in that.
func (s *semihost) poke(h *riscv.Hart, at uint64, values ...uint64) uint64 {
	var p []byte
	for _, v := range values {
		p = binary.LittleEndian.AppendUint64(p, v)
	}
	if s.writable(h, at, uint64(len(p))) < uint64(len(p)) {
		return s.fail(errFault)
	}
	s.store(h, at, p)
	return 0
}

// writable is how many of n bytes of virtual memory lie in RAM.
func (s *semihost) writable(h *riscv.Hart, at, n uint64) uint64 {
	done := uint64(0)
	for done < n {
		part := min(n-done, riscv.PageSize-(at+done)%riscv.PageSize)
		if pa, ok := h.PeekAddress(at + done); !ok || !s.machine.ram.Contains(pa, part) {
			break
		}
		done += part
	}
	return done
}

// store writes to virtual memory that is writable.
func (s *semihost) store(h *riscv.Hart, at uint64, p []byte) {
	for len(p) > 0 {
		part := min(len(p), int(riscv.PageSize-at%riscv.PageSize))
		pa, _ := h.PeekAddress(at)
		s.machine.ram.WriteAt(p[:part], pa)
		p, at = p[part:], at+uint64(part)
	}
}
