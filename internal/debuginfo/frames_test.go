package debuginfo

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

const framesSource = `
int leaf(int a);
int deep(int n, char *p) { char big[4000]; int r = n ? deep(n - 1, big) + leaf(p[0]) : leaf(n); return r + big[n]; }
int early(int a) { if (a > 3) return leaf(a) * deep(a, 0) + leaf(a + 1); return a; }
`

// compiled is a C program as an object file with its addresses at 0.
func compiled(t *testing.T, source string, options ...string) []byte {
	t.Helper()
	folder := t.TempDir()
	from, to := filepath.Join(folder, "a.c"), filepath.Join(folder, "a.elf")
	if err := os.WriteFile(from, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", "-O2", "-nostdlib", "-static", "-Wl,--unresolved-symbols=ignore-all,-Ttext=0x80000000", "-o", to, from}, options...)
	if out, err := exec.Command("riscv64-unknown-elf-gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v (Debian package gcc-riscv64-unknown-elf)\n%s", err, out)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFramesOfBothKinds compares the rules of .eh_frame and .debug_frame, which
// the compiler makes for the same code, at every instruction.
func TestFramesOfBothKinds(t *testing.T) {
	load := func(options ...string) *Frames {
		f, err := LoadFrames("a.elf", compiled(t, framesSource, options...))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	eh := load("-fasynchronous-unwind-tables")
	debug := load("-g", "-fno-asynchronous-unwind-tables")
	known, saved := 0, 0
	for addr := uint64(0x80000000); addr < 0x80000200; addr += 2 {
		a, ok := eh.Rules(addr)
		b, ok2 := debug.Rules(addr)
		if ok != ok2 || !reflect.DeepEqual(a, b) {
			t.Errorf("%#x: %+v in .eh_frame, %+v in .debug_frame", addr, a, b)
		}
		if ok {
			known++
		}
		if a.Registers[1].Kind == AtOffset {
			saved++
		}
	}
	if known < 50 || saved < 20 {
		t.Errorf("%d addresses have rules, %d with a saved ra", known, saved)
	}
}

// FuzzInfo reads damaged debugging information and asks it everything: errors,
// but no panic, and an end.
func FuzzInfo(f *testing.F) {
	data, err := os.ReadFile("../../assets/elf/demo.elf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, uint64(0x80000290))
	f.Fuzz(func(_ *testing.T, data []byte, addr uint64) {
		info, err := LoadInfo("fuzz", data)
		if err != nil {
			return
		}
		info.Frames.Rules(addr)
		c := &Context{
			PC:       addr,
			Register: func(n int) (uint64, bool) { return uint64(n), true },
			Memory:   func(_ uint64, p []byte) int { return len(p) },
		}
		for _, v := range info.Variables(c) {
			_, _ = v.Locate(c)
		}
		for _, name := range info.Globals("") {
			if v, ok := info.Global(name); ok {
				_, _ = v.Locate(c)
			}
		}
	})
}

// FuzzLocation evaluates expressions: they end, and never panic.
func FuzzLocation(f *testing.F) {
	f.Add([]byte{0x91, 0x70, 0x9f})
	f.Add([]byte{0x30, 0x2f, 0xfc, 0xff})
	f.Add([]byte{0x03, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x06, 0x23, 8, 0x1b})
	f.Fuzz(func(_ *testing.T, expression []byte) {
		c := &Context{
			Register:  func(n int) (uint64, bool) { return uint64(n), n < 64 },
			Memory:    func(_ uint64, p []byte) int { return len(p) },
			frameBase: []byte{0x52},
		}
		_, _ = c.locate(expression)
		_, _ = (&Frames{list: []frameEntry{{0, 100, &frameCommon{codeAlign: 1, sizes: 8}, expression}}}).Rules(50)
	})
}
