package guests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"reprise/assets"
)

// Demo returns the path of [assets.Demo] as a file, which goes with the test.
func Demo(t testing.TB) string { return write(t, "demo.elf", assets.Demo()) }

// Bench returns the path of [assets.Bench] as a file.
func Bench(t testing.TB) string { return write(t, "bench.elf", assets.Bench()) }

// Calls returns the path of [assets.Calls] as a file.
func Calls(t testing.TB) string { return write(t, "calls.elf", assets.Calls()) }

// Keys returns the path of [assets.Keys] as a file.
func Keys(t testing.TB) string { return write(t, "keys.elf", assets.Keys()) }

// Idle returns the path of [assets.Idle] as a file.
func Idle(t testing.TB) string { return write(t, "idle.elf", assets.Idle()) }

func write(t testing.TB, name string, elf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, elf, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// CrashLines is a session of the demo that ends in its planted crash, whatever
// the time between the lines: each is typed, then Enter (\r), once the prompt
// [DemoPrompt] is there. assets/demo/README.md explains it.
func CrashLines() []string {
	return []string{"add alpha", "sum", "add beta", "sum", "ps", "add gamma", "time", "add delta"}
}

const (
	// DemoPrompt is what the demo prints when it waits for a line; colours
	// surround it.
	DemoPrompt = "demo> "
	// CrashCode is the failure that the demo's crash reports to the test
	// finisher: mcause of a load access fault.
	CrashCode = 5
)

// OpenSBI returns the path of Debian's OpenSBI, an ELF that jumps to a payload
// at a fixed address.
func OpenSBI(t testing.TB) string {
	t.Helper()
	return installed(t, "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf", "opensbi")
}

// UBoot returns the path of Debian's U-Boot for this board in S-mode, an ELF
// with symbols to be given as kernel.
func UBoot(t testing.TB) string {
	t.Helper()
	return installed(t, "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", "u-boot-qemu")
}

func installed(t testing.TB, path, debianPackage string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: install the Debian package %s", path, debianPackage)
	}
	return path
}

// QEMU returns the path of the reference machine.
func QEMU(t testing.TB) string {
	t.Helper()
	return Tool(t, "qemu-system-riscv64", "qemu-system-misc")
}

// GDB returns the path of a gdb that knows RISC-V.
func GDB(t testing.TB) string {
	t.Helper()
	return Tool(t, "gdb-multiarch", "gdb-multiarch")
}

// Compiler returns the path of the compiler for bare-metal RISC-V.
func Compiler(t testing.TB) string {
	t.Helper()
	return Tool(t, "riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf")
}

// Tool returns the path of a program that the test needs, or fails the test with
// the name of the Debian package to install.
func Tool(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install the Debian package %s", name, debianPackage)
	}
	return path
}
