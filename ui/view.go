package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/debuginfo"
	"reprise/internal/expr"
	"reprise/internal/monitor"
	"reprise/internal/term"
	"reprise/internal/unwind"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/riscv"
)

// request says what the panes want to see. It is copied into the command that
// fetches it.
type request struct {
	number       uint64 // of requests, to tell later from earlier
	hart         int    // -1 for the one whose turn it is
	frame        int    // of its stack
	code         uint64 // the address in the middle of the disassembly
	followPC     bool   // the pc instead of code
	watches      watchRequest
	file         string // to be shown; empty for that of the frame
	memory       uint64 // the address in the middle of the memory pane
	memoryAs     string // the type to show it by; empty for bytes
	memoryOpened map[string]bool
	memoryOf     string // an expression instead; empty for memory
	consoles     []uint8
}

// view is what the panes show: an immutable copy of the machine at one moment.
type view struct {
	number  uint64
	status  replay.Status
	screens map[uint8]*term.Screen
	hart    int
	harts   int
	stack   []stackRow
	frame   int // of the stack, whose registers and code these are
	regs    registers
	code    []instruction
	source  sourceView
	watches watchView
	place   string // of the pc in its source; empty if that is not known
	memory  memoryView
	events  []recording.Event
	rows    []eventRow // of events
	here    int        // the first row that is not past
	failed  error      // the events could not be read
	points  []point
}

// registers are those of one hart.
type registers struct {
	valid bool
	pc    uint64
	mode  riscv.Mode
	wait  bool
	x, f  [32]uint64
	lost  [64]bool // of x and then f: a frame's that nobody has saved
	csrs  []csrValue
}

// csrValue is a control and status register that the hart has.
type csrValue struct {
	name  string
	value uint64
}

// instruction is a line of the disassembly.
type instruction struct {
	addr  uint64
	text  string
	raw   uint32
	size  uint8
	label string // the symbol that begins here

	source string // the line of source that begins here, with its place
}

// viewMsg brings a view; nothing if the session is closed.
type viewMsg struct{ view *view }

// fetch is the command that looks at the machine.
func fetch(s Session, l lens, r request) tea.Cmd {
	return func() tea.Msg {
		var v *view
		s.Inspect(func(t monitor.Timeline) { v = look(t, &l, r) })
		if v != nil && l.source != nil {
			v.annotate(l.source)
			v.readSource(&l, r.file)
		}
		return viewMsg{v}
	}
}

// look copies what was asked for. It runs on the machine's goroutine and is
// short: a few hundred instructions and events.
func look(t monitor.Timeline, l *lens, r request) *view {
	m := t.Machine()
	v := &view{
		number: r.number, status: t.Status(), harts: m.Harts(), hart: r.hart,
		points: readPoints(t), screens: map[uint8]*term.Screen{},
	}
	if v.hart < 0 || v.hart >= v.harts {
		v.hart = m.Current()
	}
	for _, id := range r.consoles {
		if screen := l.screens.clone(id); screen != nil {
			v.screens[id] = screen
		}
	}
	hart := m.Hart(v.hart)
	v.regs, v.stack = readRegisters(hart), readStack(hart, l)
	if v.frame = min(r.frame, len(v.stack)-1); v.frame > 0 {
		v.regs = frameRegisters(&v.stack[v.frame].frame, v.regs)
	}
	if v.frame >= 0 && v.frame < len(v.stack) {
		v.source.values = readVariables(hart, &v.stack[v.frame], l)
		v.watches = readWatches(hart, &v.stack[v.frame], l, r.watches)
	}
	at := r.code
	if r.followPC {
		at = v.regs.pc
	}
	v.code = disassemble(hart, l.symbols, at)
	v.memory = readMemory(hart, l, &v.stack[max(v.frame, 0)].frame, r)
	v.memory.readTyped(hart, l, r)
	v.events, v.failed = t.Events(v.status.Position, eventsBefore, eventsAfter)
	v.events = slices.Clone(v.events)
	v.rows, v.here = eventRows(v.events, v.status.Position)
	return v
}

// readMemory reads the rows around an address.
func readMemory(hart *riscv.Hart, l *lens, f *unwind.Frame, r request) memoryView {
	v := memoryView{at: r.memory}
	if r.memoryOf != "" {
		at, err := addressOf(r.memoryOf, hart, l, f)
		if err != nil {
			v.failed = firstLine(err.Error())
			return v
		}
		v.at = at
	}
	v.base = v.at&^(memoryRow-1) - memoryBefore*memoryRow
	v.data = make([]byte, memoryRows*memoryRow)
	for i := 0; i < len(v.data); i += memoryRow {
		v.known = append(v.known, hart.PeekMemory(v.base+uint64(i), v.data[i:i+memoryRow]))
	}
	return v
}

// addressOf reads an address as commands do, else as an expression in a frame.
func addressOf(text string, hart *riscv.Hart, l *lens, f *unwind.Frame) (uint64, error) {
	at, err := monitor.ParseAddress(text, hart, l.symbols)
	if err == nil {
		return at, nil
	}
	scope := monitor.Scope(hart, f, l.debug, l.symbols)
	if v, failed := expr.Evaluate(text, scope); failed == nil {
		return scope.Address(v)
	}
	return 0, err
}

// Source knows the source code of the guest's programs. Its methods may be called
// from any goroutine, and may take their time.
type Source interface {
	// Line returns the place of the line that an instruction comes from, such
	// as "jobs.c:42", and its text, which is empty if the file is not at hand.
	Line(addr uint64) (place, text string, ok bool)
	// File returns the lines of a file by the name that the compiler was given.
	// The error says where it was looked for, and what can be done.
	File(name string) ([]string, error)
}

// annotate puts lines of source before the instructions that they begin with.
func (v *view) annotate(source Source) {
	before := ""
	for i := range v.code {
		in := &v.code[i]
		place, text, ok := source.Line(in.addr)
		if in.addr == v.regs.pc {
			v.place = place
		}
		if ok && place != before {
			in.source = printable(strings.TrimRight(strings.ReplaceAll(place+"  "+text, "\t", "    "), " \r\n"))
		}
		before = place
	}
}

// shownCSRs are the control and status registers of the registers pane.
var shownCSRs = []string{
	"mstatus", "mepc", "mcause", "mtval", "mtvec", "mie", "mip", "medeleg", "mideleg", "mscratch",
	"sepc", "scause", "stval", "stvec", "satp", "sscratch", "fcsr",
}

func readRegisters(h *riscv.Hart) registers {
	r := registers{valid: true, pc: h.PC(), mode: h.Mode(), wait: h.Waiting()}
	for i := range 32 {
		r.x[i], r.f[i] = h.X(i), h.F(i)
	}
	for _, name := range shownCSRs {
		if value, ok := monitor.Register(h, name); ok {
			r.csrs = append(r.csrs, csrValue{name, value})
		}
	}
	return r
}

// How much is fetched around the middle of each pane.
const (
	codeBefore   = 64 // instructions
	codeAfter    = 128
	eventsBefore = 1024 // a console writes one for each character
	eventsAfter  = 1024
)

// disassemble decodes around an address.
func disassemble(h *riscv.Hart, symbols *debuginfo.Symbols, at uint64) []instruction {
	var list []instruction
	for begin := at; len(list) < codeBefore; begin = list[0].addr {
		run := runBefore(h, symbols, begin)
		if len(run) == 0 {
			break
		}
		list = append(run, list...)
	}
	for range codeAfter {
		in, ok := decode(h, symbols, at)
		if !ok {
			break
		}
		list = append(list, in)
		at += uint64(in.size)
	}
	return list
}

// How far back instructions are looked for, in bytes: from the start of a
// function, and where no symbol says where that is.
const (
	backToSymbol = 1024
	backBlindly  = 64
)

// runBefore decodes what comes before an address. Instructions have two sizes,
// so that only a symbol makes this certain; without one it is the longest run
// near by that arrives exactly at the address.
func runBefore(h *riscv.Hart, symbols *debuginfo.Symbols, at uint64) []instruction {
	if start, ok := symbols.Start(at - 2); ok && at-start <= backToSymbol {
		if run, ok := decodeUntil(h, symbols, start, at); ok {
			return run
		}
	}
	for back := uint64(backBlindly); back > 0; back -= 2 {
		if run, ok := decodeUntil(h, symbols, at-back, at); ok {
			return run
		}
	}
	return nil
}

// decodeUntil decodes from start and reports whether that arrives at end with
// instructions all the way.
func decodeUntil(h *riscv.Hart, symbols *debuginfo.Symbols, start, end uint64) ([]instruction, bool) {
	var list []instruction
	for start < end {
		in, ok := decode(h, symbols, start)
		if !ok || in.raw == 0 {
			return nil, false
		}
		list = append(list, in)
		start += uint64(in.size)
	}
	return list, start == end
}

func decode(h *riscv.Hart, symbols *debuginfo.Symbols, addr uint64) (instruction, bool) {
	inst, ok := h.FetchAt(addr)
	if !ok {
		return instruction{}, false
	}
	in := instruction{addr: addr, text: inst.Print(addr, symbols.Name), raw: inst.Raw, size: inst.Size}
	if name, offset, found := symbols.Find(addr); found && offset == 0 {
		in.label = name
	}
	return in, true
}
