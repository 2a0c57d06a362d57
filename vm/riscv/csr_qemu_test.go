package riscv

import (
	"encoding/binary"
	"testing"
)

// csrCase reads control and status register number in a mode; in M-mode it also writes ones, reads,
// writes zero and reads again. Registers that count are not looked at, only touched.
func csrCase(number uint16, mode Mode) *testCase {
	c := &testCase{
		mstatus: uint64(mode)<<statusMPPShift | statusFS, mcounteren: 0xffffffff, scounteren: 0xffffffff, menvcfg: envSTCE,
		start: codeAt, codeVA: codeAt, entry: codeAt, stvec: handlerAt,
	}
	c.x[5] = ^uint64(0)
	rd := uint32(10)
	counts := number >= csrCycle && number <= csrHpmcounter18+13 || number >= csrMcycle && number <= csrMhpmcounter18+13
	csr := func(op Op, rd, source uint32) {
		if counts {
			rd = 0
		}
		c.code = binary.LittleEndian.AppendUint32(c.code, rows[op].match|rd<<7|source<<15|uint32(number)<<20)
	}
	csr(OpCSRRS, rd, 0)
	switch number {
	case csrMtvec, csrMscratch, csrPmpcfg0, csrPmpcfg2: // the program that runs the cases needs them
	case csrVstimecmp: // a write leaves an interrupt of the hypervisor's pending on qemu
	default:
		if mode == Machine {
			csr(OpCSRRW, rd+1, 5)
			csr(OpCSRRS, rd+2, 0)
			csr(OpCSRRW, 0, 0)
			csr(OpCSRRS, rd+3, 0)
			csr(OpCSRRW, 0, rd)
		}
	}
	c.end = codeAt + uint64(len(c.code))
	c.code = binary.LittleEndian.AppendUint32(c.code, rows[OpECALL].match)
	return c
}

const csrVstimecmp = 0x24d

// csrDifferences are the registers that differ from qemu's, and why.
var csrDifferences = map[string]string{
	"sstatus":       "VS and UXL can be written on qemu, without V and with one XLEN",
	"mstatus":       "VS, UXL, MPV and GVA can be written on qemu, without V and H",
	"scounteren":    "32 bits (privileged ISA, 4.1.5)",
	"mcounteren":    "32 bits (privileged ISA, 3.1.11)",
	"mcountinhibit": "32 bits, and bit 1 is zero (privileged ISA, 3.1.12)",
	"senvcfg":       "CBIE, CBCFE and CBZE can be written on qemu, without Zicbom and Zicboz",
	"menvcfg":       "the same, and PBMTE without Svpbmt",
	"sepc":          "bit 0 is zero (privileged ISA, 4.1.7)",
	"mepc":          "bit 0 is zero (privileged ISA, 3.1.14)",
	"medeleg":       "qemu has the hypervisor's exceptions and the call from M-mode",
	"mideleg":       "qemu has the hypervisor's interrupts",
	"mie":           "the same",
	"mip":           "the same",
	"vstimecmp":     "qemu has it without H",
	"tselect":       "no debug triggers: a breakpoint of the debugger belongs to the timeline, not to the machine",
	"tdata1":        "the same",
	"tdata2":        "the same",
	"tdata3":        "the same",
	"tinfo":         "the same",
	"marchid":       "the version of qemu",
	"mimpid":        "the same",
	// Addresses have 56 bits (privileged ISA, 3.7.1).
	"pmpaddr0": "54 bits", "pmpaddr1": "54 bits", "pmpaddr2": "54 bits", "pmpaddr3": "54 bits",
	"pmpaddr8": "54 bits", "pmpaddr9": "54 bits", "pmpaddr15": "54 bits",
}

// TestRegistersAreTheReferences tries every number of a control and status register in every mode.
func TestRegistersAreTheReferences(t *testing.T) {
	var cases []*testCase
	var names []string
	for number := range uint16(4096) {
		for _, mode := range []Mode{User, Supervisor, Machine} {
			cases = append(cases, csrCase(number, mode))
			names = append(names, CSRName(number))
		}
	}
	differ := map[string]bool{}
	for begin := 0; begin < len(cases); begin += maxCases {
		batch := cases[begin:min(begin+maxCases, len(cases))]
		if !compareCases(t, batch, func(i int, ours, theirs result) {
			list := differences(batch[i], ours, theirs)
			if len(list) == 0 {
				return
			}
			name := names[begin+i]
			if differ[name] = true; csrDifferences[name] == "" {
				t.Errorf("%s, mstatus %#x: %q", name, batch[i].mstatus, list)
			}
		}) {
			t.Fatal("the cases do not end")
		}
	}
	for name := range csrDifferences {
		if !differ[name] {
			t.Errorf("%s does not differ: take it off the list", name)
		}
	}
}
