package device

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// access is an entry of the table that testdata/access.S works through.
type access struct {
	op, addr, value, result uint64
}

const (
	opStore   = 0x10
	opPending = 0x20
	opSpin    = 0x21
	opAwait   = 0x22

	trapped = 1<<64 - 1
)

func load(addr uint64, size int) access { return access{op: uint64(size), addr: addr} }
func store(addr, value uint64, size int) access {
	return access{op: opStore + uint64(size), addr: addr, value: value}
}

// tool returns the path of a program that the tests need.
func tool(t *testing.T, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install the Debian package %s", name, debianPackage)
	}
	return path
}

// onQEMU performs the accesses on qemu and returns them with their results. Its
// RAM is a file, which holds the program, the table, and then the answers. More
// arguments put devices on the board.
func onQEMU(t *testing.T, table []access, more ...string) []access {
	t.Helper()
	const (
		ramSize  = 64 << 20
		tableAt  = 0x100000
		ramStart = "0x80000000"
	)
	dir := t.TempDir()
	elf, flat, ram := filepath.Join(dir, "a.elf"), filepath.Join(dir, "a.bin"), filepath.Join(dir, "ram")
	run := func(name, pkg string, args ...string) {
		t.Helper()
		if out, err := exec.Command(tool(t, name, pkg), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf", "-nostdlib", "-static", "-march=rv64i_zicsr", "-mabi=lp64",
		"-Wl,-Ttext="+ramStart, "-o", elf, "testdata/access.S")
	run("riscv64-unknown-elf-objcopy", "binutils-riscv64-unknown-elf", "-O", "binary", elf, flat)

	memory := make([]byte, ramSize)
	program, err := os.ReadFile(flat)
	if err != nil {
		t.Fatal(err)
	}
	copy(memory, program)
	for i, a := range table {
		for j, word := range []uint64{a.op, a.addr, a.value, 0} {
			binary.LittleEndian.PutUint64(memory[tableAt+32*i+8*j:], word)
		}
	}
	if err := os.WriteFile(ram, memory, 0o600); err != nil {
		t.Fatal(err)
	}
	run("qemu-system-riscv64", "qemu-system-misc", append(more, "-M", "virt,memory-backend=ram", "-m", "64M", "-smp", "2",
		"-object", "memory-backend-file,id=ram,size=64M,share=on,mem-path="+ram, "-bios", "none",
		"-icount", "shift=10,sleep=off", "-display", "none", "-monitor", "none", "-serial", "null")...)
	memory, err = os.ReadFile(ram)
	if err != nil {
		t.Fatal(err)
	}
	done := make([]access, len(table))
	for i, a := range table {
		done[i] = a
		done[i].result = binary.LittleEndian.Uint64(memory[tableAt+32*i+24:])
	}
	return done
}
