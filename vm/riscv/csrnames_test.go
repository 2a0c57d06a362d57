package riscv

import "testing"

// TestCSRNamesAgreeWithObjdump prints a read of each of the 4096 registers.
func TestCSRNamesAgreeWithObjdump(t *testing.T) {
	var raw []uint32
	for n := range uint32(4096) {
		raw = append(raw, n<<20|0x2573, n<<20|0x59573) // csrr a0,n; csrrw a0,n,a1
	}
	compare(t, ISAAll, objdump(t, archAll, words(raw...)))
}

func TestCSRNumber(t *testing.T) {
	for name, want := range map[string]uint16{
		"fcsr": 3, "satp": 0x180, "stimecmp": 0x14d, "mstatus": 0x300, "menvcfg": 0x30a, "pmpcfg0": 0x3a0,
		"pmpaddr63": 0x3ef, "mhpmevent31": 0x33f, "mhpmcounter3": 0xb03, "hpmcounter31": 0xc1f, "time": 0xc01,
	} {
		if got, ok := CSRNumber(name); !ok || got != want {
			t.Errorf("CSRNumber(%q) = %#x, %v; want %#x", name, got, ok, want)
		}
	}
	named := 0
	for n := range uint16(4096) {
		if back, ok := CSRNumber(CSRName(n)); ok {
			named++
			if back != n {
				t.Errorf("%#x is %s, which is %#x", n, CSRName(n), back)
			}
		}
	}
	if named != len(csrNames) {
		t.Errorf("%d registers can be looked up by name, the table has %d", named, len(csrNames))
	}
	if n, ok := CSRNumber("mstate"); ok {
		t.Errorf("mstate is %#x", n)
	}
	if got := CSRName(0x7c0); got != "0x7c0" {
		t.Errorf("CSRName(0x7c0) = %q", got)
	}
}
