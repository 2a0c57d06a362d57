package cli

import (
	"strconv"
	"strings"
	"time"

	"reprise/internal/debuginfo"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/riscv"
)

// tracePrinter makes the line, or lines, of each step. It looks before and
// after the step, and keeps what it has disassembled.
type tracePrinter struct {
	machine   *vm.Machine
	symbols   *debuginfo.Symbols
	registers bool
	memory    bool

	line  []byte // of the last step; used again
	code  map[uint64]tracedCode
	csrs  []uint16 // whose changes are printed
	traps []vm.Trap

	// What was seen before the step.
	step   vm.Step
	pc     uint64
	inst   riscv.Inst
	read   bool // inst could be read
	x, f   [32]uint64
	csr    []uint64
	access riscv.MemoryAccess
	data   bool   // access is one
	old    uint64 // what was in memory there, if that could be read
	known  bool
}

// tracedCode is an instruction with its address, as text.
type tracedCode struct {
	raw  uint32
	text string
}

// maxTracedCode bounds what is kept of disassembled code, in instructions.
const maxTracedCode = 1 << 20

func newTracePrinter(o *tracer, m *vm.Machine, symbols *debuginfo.Symbols) *tracePrinter {
	p := &tracePrinter{machine: m, symbols: symbols, registers: o.registers, memory: o.memory, code: map[uint64]tracedCode{}}
	m.Observe(vm.Observer{Trap: func(t vm.Trap) { p.traps = append(p.traps, t) }})
	if o.registers {
		p.csrs = tracedCSRs(m.Hart(0))
		p.csr = make([]uint64, len(p.csrs))
	}
	return p
}

// tracedCSRs are the control registers whose changes are worth a word: not the
// counters, and none that is a view of another.
func tracedCSRs(h *riscv.Hart) (list []uint16) {
	for n := range uint16(4096) {
		if _, ok := h.PeekCSR(n); !ok || n>>8 == 0xb || n>>8 == 0xc {
			continue
		}
		switch riscv.CSRName(n) {
		case "sstatus", "sie", "sip", "fflags", "frm":
		default:
			list = append(list, n)
		}
	}
	return list
}

// before looks at the machine before a step.
func (p *tracePrinter) before(next replay.Next) error {
	p.step, p.traps = p.machine.Position(), p.traps[:0]
	if next.Doing != replay.Executes {
		return nil
	}
	h := p.machine.Hart(next.Hart)
	p.pc = h.PC()
	p.inst, p.read = h.FetchAt(p.pc)
	if p.registers {
		for i := range p.x {
			p.x[i], p.f[i] = h.X(i), h.F(i)
		}
		p.readCSRs(h, p.csr)
	}
	p.data = false
	if p.memory && p.read {
		p.lookAtMemory(h)
	}
	return nil
}

func (p *tracePrinter) readCSRs(h *riscv.Hart, values []uint64) {
	for i, n := range p.csrs {
		values[i], _ = h.PeekCSR(n)
	}
}

// lookAtMemory notes what the instruction is about to access, and what is there.
func (p *tracePrinter) lookAtMemory(h *riscv.Hart) {
	if p.access, p.data = h.AccessOf(&p.inst); p.data {
		p.old, p.known = peekWord(h, p.access)
	}
}

// peekWord reads what is at an access as a debugger does.
func peekWord(h *riscv.Hart, a riscv.MemoryAccess) (value uint64, ok bool) {
	var b [8]byte
	for i := range h.PeekMemory(a.Addr, b[:a.Size]) {
		value |= uint64(b[i]) << (8 * i)
		ok = i == a.Size-1
	}
	return value, ok
}

// after makes the text of the step that was done.
func (p *tracePrinter) after(next replay.Next) {
	p.line = p.line[:0]
	switch next.Doing {
	case replay.Executes:
		p.executed(p.machine.Hart(next.Hart))
	case replay.WaitEnds:
		p.begin(-1)
		p.text("wait ends at ", time.Duration(p.machine.VirtualTime()).String(), "\n")
	case replay.Input:
		p.begin(-1)
		p.text(strings.TrimPrefix(next.Event.String(), next.Event.Step.String()+" "), "\n")
	case replay.Resets:
		p.begin(-1)
		p.text("reset\n")
	case replay.Nothing:
	}
}

// begin writes the step, and the hart unless it is no hart's.
func (p *tracePrinter) begin(hart int) {
	p.text(p.step.String(), " ")
	if hart < 0 {
		p.text("- ")
		return
	}
	p.line = strconv.AppendInt(p.line, int64(hart), 10)
	p.text(" ")
}

func (p *tracePrinter) text(parts ...string) {
	for _, s := range parts {
		p.line = append(p.line, s...)
	}
}

func (p *tracePrinter) hex(n uint64) {
	p.line = strconv.AppendUint(append(p.line, "0x"...), n, 16)
}

// place writes an address with its symbol.
func (p *tracePrinter) place(addr uint64) {
	p.hex(addr)
	p.text(symbolText(p.symbols, addr))
}

// executed tells of the step of a hart.
func (p *tracePrinter) executed(h *riscv.Hart) {
	p.begin(h.ID())
	interrupted := len(p.traps) > 0 && p.traps[0].Interrupt
	if interrupted {
		p.trap(h, p.traps[0])
	} else {
		p.text(p.instruction())
	}
	if p.data && len(p.traps) == 0 {
		p.accessed(h)
	}
	if p.registers {
		p.changed(h)
	}
	p.text("\n")
	if len(p.traps) > 0 && !interrupted {
		p.begin(h.ID())
		p.trap(h, p.traps[0])
		p.text("\n")
	}
}

// instruction is the address and the text of the instruction.
func (p *tracePrinter) instruction() string {
	if c, ok := p.code[p.pc]; ok && p.read && c.raw == p.inst.Raw {
		return c.text
	}
	text := "0x" + strconv.FormatUint(p.pc, 16) + symbolText(p.symbols, p.pc) + " "
	if !p.read {
		return text + "(no instruction can be read here)"
	}
	if len(p.code) >= maxTracedCode {
		clear(p.code)
	}
	text += p.inst.Print(p.pc, p.symbols.Name)
	p.code[p.pc] = tracedCode{p.inst.Raw, text}
	return text
}

// trap tells of a trap that the hart has taken.
func (p *tracePrinter) trap(h *riscv.Hart, t vm.Trap) {
	kind := "exception "
	if t.Interrupt {
		kind = "interrupt "
	}
	p.text(kind, riscv.CauseName(t.Cause, t.Interrupt), " at ")
	p.place(t.EPC)
	if t.TVal != 0 {
		p.text(", tval ")
		p.hex(t.TVal)
	}
	p.text(", to ")
	p.place(h.PC())
	p.text(" in ", h.Mode().String())
}

// accessed tells what the instruction has read and written. What it has read is
// in a register; without one, it is what was in memory before.
func (p *tracePrinter) accessed(h *riscv.Hart) {
	a := p.access
	if a.Read {
		value, known := p.old, p.known
		if n, ok := p.inst.Destination(); ok && n < 32 {
			value, known = h.X(n), true
		} else if ok {
			value, known = h.F(n-32), true
		}
		p.oneAccess(" load ", a, value, known)
	}
	if a.Write {
		value, known := peekWord(h, a)
		if !a.Read { // what was stored is still in a register, and a device may show something else
			value, known = p.stored(h), true
		}
		p.oneAccess(" store ", a, value, known)
	}
}

// stored is the register that a store writes to memory. Stores change none.
func (p *tracePrinter) stored(h *riscv.Hart) uint64 {
	if p.inst.Op.Format() == riscv.FmtFStore {
		return h.F(int(p.inst.Rs2))
	}
	return h.X(int(p.inst.Rs2))
}

func (p *tracePrinter) oneAccess(verb string, a riscv.MemoryAccess, value uint64, known bool) {
	p.text(" ;", verb)
	p.line = strconv.AppendInt(p.line, int64(a.Size), 10)
	p.text(" ")
	p.hex(a.Addr)
	if !known {
		p.text("=?")
		return
	}
	if a.Size < 8 {
		value &= 1<<(8*a.Size) - 1
	}
	p.text("=")
	p.hex(value)
}

// changed tells which registers are not what they were.
func (p *tracePrinter) changed(h *riscv.Hart) {
	separator := " ; "
	one := func(name string, value uint64) {
		p.text(separator, name, "=")
		p.hex(value)
		separator = " "
	}
	for i := range p.x {
		if now := h.X(i); now != p.x[i] {
			one(riscv.RegName(uint8(i)), now)
		}
		if now := h.F(i); now != p.f[i] {
			one(riscv.FRegName(uint8(i)), now)
		}
	}
	for i, n := range p.csrs {
		if now, _ := h.PeekCSR(n); now != p.csr[i] {
			one(riscv.CSRName(n), now)
		}
	}
}
