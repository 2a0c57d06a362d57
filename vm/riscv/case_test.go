package riscv

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"reprise/vm/state"
)

// The differential test runs the same memory image here and on qemu: testdata/cases.S, a table of
// cases, and room for what comes of them.
const (
	caseRAM    = 32 << 20
	casesAt    = 0x80800000 // 4 MiB, which are protected
	resultsAt  = 0x81000000
	varsAt     = 0x81a00000
	templateAt = 0x80010000 // what the data pages hold when a case begins
	dataAt     = 0x80020000 // two pages
	codeAt     = 0x80030000 // two pages
	handlerAt  = 0x81900000 // the supervisor's trap handler: ecalls
	tablesAt   = 0x81800000 // page tables, far from the data: stray stores are close to it
	finisherAt = 0x100000
	nowhere    = 1 << 45 // a physical address without memory
	caseSize   = 2048
	resultSize = 3072
	maxCases   = 2048
	maxPokes   = 32
	maxCode    = caseSize - caseCode
	caseCode   = 1248
	// caseQEMU is the cpu that instructions are compared with.
	caseQEMU = "rv64,h=false,Zfh=true,Zfhmin=true,svinval=true"
)

// poke is a word of memory that a case sets when it begins, and looks at when it ends.
type poke struct{ addr, value uint64 }

// testCase is a sequence of instructions and the state in which it begins.
type testCase struct {
	x, f                       [32]uint64
	fcsr, mstatus, satp        uint64
	medeleg, mideleg, mie, mip uint64
	mcounteren, scounteren     uint64
	menvcfg, senvcfg           uint64
	stvec, sscratch            uint64
	entry, codeVA, end         uint64
	start                      uint64 // physical address of the code
	pmpcfg                     uint64
	pmpaddr                    [8]uint64
	pokes                      []poke
	code                       []byte
}

// words are the fields of a case that are one word, in the order of the table.
func (c *testCase) words() []*uint64 {
	return []*uint64{
		&c.fcsr, &c.mstatus, &c.satp, &c.medeleg, &c.mideleg, &c.mie, &c.mip, &c.mcounteren, &c.scounteren,
		&c.menvcfg, &c.senvcfg, &c.stvec, &c.sscratch, &c.entry, &c.codeVA, &c.end,
	}
}

// encode is the case as the table has it.
func (c *testCase) encode() []byte {
	p := make([]byte, 0, caseSize)
	add := func(values ...uint64) {
		for _, v := range values {
			p = binary.LittleEndian.AppendUint64(p, v)
		}
	}
	add(c.x[:]...)
	add(c.f[:]...)
	for _, w := range c.words() {
		add(*w)
	}
	add(uint64(len(c.pokes)), c.start, uint64(len(c.code)+7)&^7, c.pmpcfg)
	add(c.pmpaddr[:]...)
	for i := range maxPokes {
		if i < len(c.pokes) {
			add(c.pokes[i].addr, c.pokes[i].value)
		} else {
			add(0, 0)
		}
	}
	p = append(p, c.code...)
	return append(p, make([]byte, caseSize-len(p))...)
}

// decodeCase reads what encode writes; the code is as long as the table says.
func decodeCase(p []byte) *testCase {
	c := new(testCase)
	get := func() uint64 {
		v := binary.LittleEndian.Uint64(p)
		p = p[8:]
		return v
	}
	for i := range c.x {
		c.x[i] = get()
	}
	for i := range c.f {
		c.f[i] = get()
	}
	for _, w := range c.words() {
		*w = get()
	}
	pokes, start, length := get(), get(), get()
	c.start, c.pmpcfg = start, get()
	for i := range c.pmpaddr {
		c.pmpaddr[i] = get()
	}
	for i := range uint64(maxPokes) {
		if k := (poke{get(), get()}); i < pokes {
			c.pokes = append(c.pokes, k)
		}
	}
	c.code = p[:length:length]
	return c
}

// result is what came of a case.
type result []byte

func (r result) word(off int) uint64 { return binary.LittleEndian.Uint64(r[off:]) }

// Offsets in a result.
const (
	resultF     = 256
	resultFCSR  = 512
	resultCSRs  = 520
	resultData  = 672
	resultCode  = 680
	resultTraps = 688
	resultPoked = 704
	resultLog   = 960
)

// resultNames are the registers from resultCSRs on.
var resultNames = []string{
	"mstatus", "satp", "medeleg", "mideleg", "mie", "mip", "mcounteren", "scounteren", "menvcfg", "senvcfg",
	"stvec", "sscratch", "sepc", "scause", "stval", "stimecmp",
}

// trapRecord is a trap that a case took.
type trapRecord struct{ cause, pc, value, status uint64 }

func (r result) traps() []trapRecord {
	list := make([]trapRecord, min(r.word(resultTraps), 64))
	for i := range list {
		at := resultLog + 32*i
		list[i] = trapRecord{r.word(at), r.word(at + 8), r.word(at + 16), r.word(at + 24)}
	}
	return list
}

// differences lists in what two results of a case differ.
func differences(c *testCase, ours, theirs result) []string {
	var list []string
	check := func(name string, a, b uint64) {
		if a != b {
			list = append(list, fmt.Sprintf("%s: %#x, qemu %#x", name, a, b))
		}
	}
	for i := 1; i < 32; i++ {
		check(regNames[i], ours.word(8*i), theirs.word(8*i))
	}
	for i := range 32 {
		check(fregNames[i], ours.word(resultF+8*i), theirs.word(resultF+8*i))
	}
	check("fcsr", ours.word(resultFCSR), theirs.word(resultFCSR))
	for i, name := range resultNames {
		a, b := ours.word(resultCSRs+8*i), theirs.word(resultCSRs+8*i)
		if name == "stval" && sameValue(trapRecord{cause: ours.word(resultCSRs + 8*13), value: a}, b) {
			continue
		}
		check(name, a, b)
	}
	check("data", ours.word(resultData), theirs.word(resultData))
	check("traps", ours.word(resultTraps), theirs.word(resultTraps))
	for i, k := range c.pokes {
		check(fmt.Sprintf("word at %#x", k.addr), ours.word(resultPoked+8*i), theirs.word(resultPoked+8*i))
	}
	a, b := ours.traps(), theirs.traps()
	for i := range min(len(a), len(b)) {
		if sameValue(a[i], b[i].value) {
			b[i].value = a[i].value
		}
		if a[i] != b[i] {
			list = append(list, fmt.Sprintf("trap %d: %x, qemu %x", i, a[i], b[i]))
		}
	}
	return list
}

// sameValue reports whether qemu's value of a trap is as good, or wrong in the way that we know of:
// of an access that crosses pages and faults in the first, qemu gives the address rounded down to
// the size of the access, where the specification wants the address (privileged ISA, 3.1.16).
func sameValue(ours trapRecord, theirs uint64) bool {
	if ours.value == theirs {
		return true
	}
	switch ours.cause {
	case causeIllegal: // zero is allowed; qemu has it for some instructions
		return theirs == 0
	case causeLoadAccess, causeStoreAccess, causeLoadPage, causeStorePage:
		if ours.value&pageMask == 0 && ours.value-theirs < 8 {
			return true // in which order the parts are refused is left open
		}
		for _, size := range []uint64{2, 4, 8} {
			if ours.value&^(size-1) == theirs && ours.value&pageMask > PageSize-size {
				return true
			}
		}
	}
	return false
}

// open reports whether a case did something whose outcome is left open, or which we know that qemu
// gets wrong.
func open(c *testCase, r result) bool {
	for _, trap := range r.traps() {
		refused := trap.cause == causeLoadAccess || trap.cause == causeStoreAccess
		switch {
		case trap.value-finisherAt+7 < 15:
			return true // it is a device, though a poor one here
		case refused && (trap.value+8)&pageMask <= 8:
			return true // whether PMP sees an access across pages as one or as two
		case refused && trap.value&3 != 0 && c.pmpcfg>>8 != 0:
			return true // of a misaligned access qemu asks PMP for the first and the last byte, and misses a region between
		case trap.cause == causeStoreAccess && trap.pc-c.entry < uint64(len(c.code)) && c.code[trap.pc-c.entry]&0x7f == 0x2f:
			return true // of an AMO outside RAM qemu performs the load alone, and fails in that
		case c.satp != 0 && c.mstatus&statusMPP == statusMPP && trap.cause > causeBreakpoint && trap.value-codeAt < 2*PageSize:
			return true // with MPRV set, qemu's loads find the translations that its fetches left
		}
	}
	return overwritten(c, r)
}

// overwritten reports whether a case has changed its own code. What it does then, without fence.i,
// is left open.
func overwritten(c *testCase, r result) bool {
	sum := uint64(0)
	padded := append(append([]byte(nil), c.code...), make([]byte, -len(c.code)&7)...)
	for p := padded; len(p) > 0; p = p[8:] {
		sum = (sum ^ binary.LittleEndian.Uint64(p)) * 0x9e3779b97f4a7c15
	}
	return sum != r.word(resultCode)
}

// caseProgram is testdata/cases.S, assembled.
var caseProgram = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "cases")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	elf, flat := filepath.Join(dir, "cases.elf"), filepath.Join(dir, "cases.bin")
	for _, args := range [][]string{
		{
			"riscv64-unknown-elf-gcc", "-nostdlib", "-static", "-march=rv64imafdc_zicsr_zifencei", "-mabi=lp64d",
			fmt.Sprintf("-DTABLE=%#x", casesAt), fmt.Sprintf("-DRESULTS=%#x", resultsAt), fmt.Sprintf("-DVARS=%#x", varsAt),
			fmt.Sprintf("-DTEMPLATE=%#x", templateAt), fmt.Sprintf("-DDATA=%#x", dataAt), fmt.Sprintf("-DCODE=%#x", codeAt), fmt.Sprintf("-DHANDLER=%#x", handlerAt),
			fmt.Sprintf("-Wl,-Ttext=%#x", testBase), "-Wl,--no-warn-rwx-segments", "-o", elf, "testdata/cases.S",
		},
		{"riscv64-unknown-elf-objcopy", "-O", "binary", elf, flat},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s (Debian packages gcc-riscv64-unknown-elf, binutils-riscv64-unknown-elf): %w\n%s", args[0], err, out)
		}
	}
	return os.ReadFile(flat)
})

// caseImage is the memory with which both sides start.
func caseImage(t testing.TB, cases []*testCase) []byte {
	t.Helper()
	program, err := caseProgram()
	if err != nil {
		t.Fatal(err)
	}
	memory := make([]byte, caseRAM)
	copy(memory, program)
	binary.LittleEndian.PutUint64(memory[varsAt+16-testBase:], uint64(len(cases)))
	for i := 0; i < 2*PageSize; i += 8 {
		binary.LittleEndian.PutUint64(memory[templateAt-testBase+i:], dataWord(i))
	}
	for i := range PageSize / 4 {
		binary.LittleEndian.PutUint32(memory[handlerAt-testBase+4*i:], rows[OpECALL].match)
	}
	for i, c := range cases {
		copy(memory[casesAt-testBase+i*caseSize:], c.encode())
	}
	return memory
}

// dataWord is what the data pages hold at an offset.
func dataWord(off int) uint64 {
	v := uint64(off+1) * 0x9e3779b97f4a7c15
	v ^= v >> 29
	switch off >> 3 & 7 {
	case 0:
		return floatCorners[v%uint64(len(floatCorners))]
	case 1:
		return v>>32 | boxed
	case 2:
		return v>>48 | boxedHalf
	case 3:
		return uint64(int32(v))
	}
	return v * 0xbf58476d1ce4e5b9
}

// caseBoard has a test finisher, and a clock that stands at 1000; mtimecmp may be written.
type caseBoard struct {
	hart *Hart
	done bool
}

func (b *caseBoard) Load(uint64, int) (uint64, bool) { return 0, false }
func (b *caseBoard) Store(pa, value uint64, _ int) bool {
	b.done = b.done || pa == finisherAt && value == 0x5555
	b.hart.Attend()
	return pa == finisherAt || pa == 0x2004000
}
func (b *caseBoard) Peek(uint64, int) (uint64, bool) { return 0, false }
func (b *caseBoard) Time() uint64                    { return 1000 }
func (b *caseBoard) Interrupted(int, uint64)         {}
func (b *caseBoard) Excepted(int, uint64)            {}
func (b *caseBoard) Retimed() {
	pending := uint64(0)
	if tick, ok := b.hart.Stimecmp(); ok && tick <= b.Time() {
		pending = STIP
	}
	b.hart.SetTimers(pending)
}

// caseSteps bounds the steps that one case may take, harness included.
const caseSteps = 100_000

// runCases runs the cases here and returns the memory at the end. stuck is the number of a case that
// does not end, or -1.
func runCases(t testing.TB, cases []*testCase) (memory []byte, stuck int) {
	t.Helper()
	memory = caseImage(t, cases)
	board := &caseBoard{}
	h := NewHart(0, ISAAll, NewRAM(testBase, memory), board)
	board.hart = h
	h.Reset(testBase, 0)
	left := func() uint64 { return binary.LittleEndian.Uint64(memory[varsAt+16-testBase:]) }
	last, until := left(), state.Step(caseSteps)
	for now := state.Step(0); !board.done; {
		if now >= until {
			if left() == last {
				return memory, len(cases) - int(last) - 1
			}
			last, until = left(), now+caseSteps
		}
		now, _ = h.Run(now, until, false)
	}
	return memory, -1
}

// compareCases runs the cases here and on qemu, and hands each with its results to do. A case that
// does not end is left out. It reports false, and does nothing, if that does not help, because
// another case has changed what all need.
func compareCases(t testing.TB, cases []*testCase, do func(i int, ours, theirs result)) bool {
	t.Helper()
	cases = slices.Clone(cases)
	ours, stuck := runCases(t, cases)
	for last := -1; stuck >= 0; ours, stuck = runCases(t, cases) {
		t.Logf("number %d of %d does not end", stuck, len(cases))
		if stuck <= last {
			return false
		}
		last, cases[stuck] = stuck, csrCase(csrMisa, User) // anything short
	}
	theirs := qemuCases(t, cases)
	for i := range cases {
		do(i, resultOf(ours, i), resultOf(theirs, i))
	}
	return true
}

// qemuCases runs the cases on qemu.
func qemuCases(t testing.TB, cases []*testCase) []byte {
	t.Helper()
	ram := filepath.Join(t.TempDir(), "ram")
	if err := os.WriteFile(ram, caseImage(t, cases), 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(ram)
	// A case that does not end there would keep the test for ever.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "qemu-system-riscv64", "-M", "virt,memory-backend=ram", "-cpu", caseQEMU, "-m", "32M", "-smp", "2",
		"-object", "memory-backend-file,id=ram,size=32M,share=on,mem-path="+ram, "-bios", "none",
		"-display", "none", "-monitor", "none", "-serial", "null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("qemu-system-riscv64 (Debian package qemu-system-misc): %v\n%s", err, out)
	}
	memory, err := os.ReadFile(ram)
	if err != nil {
		t.Fatal(err)
	}
	return memory
}

// resultOf is the result of case i in a memory.
func resultOf(memory []byte, i int) result {
	at := resultsAt - testBase + i*resultSize
	return memory[at : at+resultSize]
}
