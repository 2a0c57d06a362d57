package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/internal/testing/guests"
)

// assembleFile makes a program of a file in testdata/asm.
func assembleFile(name, program string) error {
	const compiler = "riscv64-unknown-elf-gcc"
	path, err := exec.LookPath(compiler)
	if err != nil {
		return fmt.Errorf("%w: install the Debian package gcc-riscv64-unknown-elf", err)
	}
	source, err := filepath.Abs(filepath.Join("testdata", "asm", name+".S"))
	if err != nil {
		return err
	}
	out, err := exec.Command(path, "-march=rv64imac_zicsr", "-mabi=lp64", "-mcmodel=medany", "-nostdlib",
		"-Wl,--nmagic,-Ttext=0x80000000", "-o", program, source).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// assembleGuest is assembleFile into a file of the test's.
func assembleGuest(t testing.TB, name string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), name+".elf")
	if err := assembleFile(name, program); err != nil {
		t.Fatal(err)
	}
	return program
}

// loggedTrap is what both programs say of a trap.
var loggedTrap = regexp.MustCompile(`hart:\d+, async:\d, cause:[0-9a-f]{16}, epc:0x[0-9a-f]{16}, tval:0x[0-9a-f]{16}, desc=\w+`)

// TestTrapsAsQEMULogsThem compares -d int with the real qemu's, on a guest that
// takes every sort of trap.
func TestTrapsAsQEMULogsThem(t *testing.T) {
	program := assembleGuest(t, "traps")
	ours, theirs := filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "theirs")
	reprise(t, "run", "--no-tui", "-m", "16M", "-bios", program, "-serial", "null", "-d", "int", "-D", ours)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, guests.QEMU(t), "-M", "virt", "-m", "16M", "-bios", program, "-display", "none", "-serial", "null",
		"-icount", "shift=0,sleep=off", "-d", "int", "-D", theirs).CombinedOutput()
	if err != nil {
		t.Fatalf("qemu: %v\n%s", err, out)
	}
	read := func(path string) []string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return loggedTrap.FindAllString(string(data), -1)
	}
	got, want := read(ours), read(theirs)
	// qemu lets a store to the mask ROM pass, and it does nothing.
	got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, "tval:0x0000000000001000, desc=fault_store") })
	for i := range max(len(got), len(want)) {
		a, b := "nothing", "nothing"
		if i < len(got) {
			a = got[i]
		}
		if i < len(want) {
			b = want[i]
		}
		if a != b {
			t.Errorf("trap %d:\nreprise %s\nqemu    %s", i, a, b)
		}
	}
	for _, sort := range []string{
		"machine_ecall", "supervisor_ecall", "illegal_instruction", "fault_fetch", "fault_load", "fault_store", "misaligned_load",
		"exec_page_fault", "load_page_fault", "store_page_fault", "m_software", "m_timer",
	} {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.HasSuffix(line, "="+sort) }) {
			t.Errorf("the guest takes no %s: %d traps", sort, len(got))
		}
	}
}

// TestGuestErrorsOncePerSite looks at what is said of accesses in vain.
func TestGuestErrorsOncePerSite(t *testing.T) {
	program := assembleGuest(t, "traps")
	path := filepath.Join(t.TempDir(), "traps.reprise")
	recorded, replayed := filepath.Join(t.TempDir(), "recorded"), filepath.Join(t.TempDir(), "replayed")
	const items = "guest_errors,unimp,int,in_asm"
	reprise(t, "record", "--no-tui", "-m", "16M", "-bios", program, "-serial", "null", "-o", path, "-d", items, "-D", recorded)
	reprise(t, "replay", "--no-tui", "-d", items, "-D", replayed, path)
	log, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(replayed); err != nil || string(again) != string(log) {
		t.Errorf("the replay's log is another (%v)", err)
	}
	var got []string
	for line := range strings.Lines(string(log)) {
		item, _, _ := strings.Cut(line, ": ")
		if _, what, ok := strings.Cut(line, " pc:"); ok && (item == "guest_errors" || item == "unimp") {
			_, what, _ = strings.Cut(what, ", ")
			got = append(got, item+" "+strings.TrimSpace(what))
		}
	}
	want := []string{
		"guest_errors read of 8 bytes at 0x5000000: there is nothing at this address",
		"guest_errors write of 4 bytes at 0x5000004, value 0x0: there is nothing at this address",
		"guest_errors read of 2 bytes at 0x5000000: there is nothing at this address",
		"guest_errors write of 1 bytes at 0x10000005, value 0xf1: uart0: LSR is read-only",
		"guest_errors write of 1 bytes at 0x10000001, value 0xf1: uart0: bits 0xf0 of IER are ignored",
		"unimp write of 1 bytes at 0x10000003, value 0x40: uart0: a break is not sent",
		"guest_errors write of 4 bytes at 0xc000400, value 0x40: plic: there is no register at this offset",
		"guest_errors write of 4 bytes at 0xc000004, value 0x8: plic: bits 0x8 of the priority are ignored",
		"unimp read of 4 bytes at 0x101014: rtc: the register is write-only",
		"guest_errors write of 4 bytes at 0x100000, value 0x0: finisher: the value asks for nothing that it can do",
		"guest_errors write of 4 bytes at 0x1000, value 0x0: rom: cannot be written",
		"guest_errors write of 4 bytes at 0x10001070, value 0x0: virtio0: there is no device in this slot",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(string(log), "IN: inside\nPriv: 1; Virt: 0\n0x") {
		t.Error("the code in S-mode is not in the log")
	}
	met := regexp.MustCompile(`(?m)^0x[0-9a-f]{16}:`).FindAllString(string(log), -1)
	slices.Sort(met)
	if once := len(slices.Compact(slices.Clone(met))); once < 100 || len(met) > once+once/4 {
		t.Errorf("%d instructions were disassembled, %d different ones", len(met), once)
	}
}
