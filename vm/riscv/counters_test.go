package riscv

import "testing"

// TestCounters reads mcycle and minstret around instructions that retire, trap, write the counter or
// stop it (privileged ISA, 3.1.10 and 3.1.12).
func TestCounters(t *testing.T) {
	const nop, bad = 0x00000013, 0xffffffff
	read := func(number uint16, rd uint32) uint32 { return rows[OpCSRRS].match | rd<<7 | uint32(number)<<20 }
	write := func(number uint16, rs uint32) uint32 { return rows[OpCSRRW].match | rs<<15 | uint32(number)<<20 }
	inhibit := func(op Op, bits uint32) uint32 { return rows[op].match | bits<<15 | csrMcountinhibit<<20 }
	for name, c := range map[string]struct {
		number uint16
		bit    uint32 // of mcountinhibit
		trap   uint64 // what an instruction that traps, and mret behind it, add
		next   uint64 // what is read after a write, less what was written
	}{
		"mcycle":   {csrMcycle, 1, 2, 1},
		"minstret": {csrMinstret, 4, 1, 0},
	} {
		program := encode(
			read(c.number, 10), nop, read(c.number, 11), // a0, a1: two later
			bad, read(c.number, 12), // a2
			write(c.number, 6), read(c.number, 13), // a3
			inhibit(OpCSRRSI, c.bit), read(c.number, 14), nop, read(c.number, 15), // a4, a5: stopped
			inhibit(OpCSRRCI, c.bit), nop, read(c.number, 16), // a6
			0x0000006f, // j .
		)
		// The handler skips an instruction and returns.
		program = append(program, make([]byte, 0x100-len(program))...)
		program = append(program, encode(read(csrMepc, 5), 0x00428293, write(csrMepc, 5), rows[OpMRET].match)...)
		h, _ := newTestHart(program)
		h.writeCSR(csrMtvec, testBase+0x100)
		h.SetX(6, 1000)
		runTo(h, 0, 40)
		x := func(n int) uint64 { return h.X(n) }
		handler := uint64(3) // its instructions before mret
		for _, check := range []struct {
			what      string
			got, want uint64
		}{
			{"two instructions", x(11) - x(10), 2},
			{"a trap and its handler", x(12) - x(11), 1 + handler + c.trap},
			{"after a write", x(13) - 1000, c.next},
			{"while it is stopped", x(15) - x(14), 0},
		} {
			if check.got != check.want {
				t.Errorf("%s, %s: %d, want %d", name, check.what, check.got, check.want)
			}
		}
		if x(16)-x(15) < 1 || x(16)-x(15) > 2 {
			t.Errorf("%s goes on by %d", name, x(16)-x(15))
		}
	}
}
