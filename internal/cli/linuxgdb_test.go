package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// linuxRecording records Debian's Linux up to power-off, and writes what names
// the kernel has itself told: Debian's System.map is empty, but a backtrace has
// names and addresses.
func linuxRecording(t testing.TB) (path, symbols string) {
	t.Helper()
	kernel, initramfs := guests.Linux(t)
	dir := t.TempDir()
	path, symbols = filepath.Join(dir, "linux.reprise"), filepath.Join(dir, "System.map")
	console := reprise(t, "record", "--no-tui", "--icount", "sleep=off", "-o", path, "-m", "256M",
		"--bios", guests.OpenSBI(t), "--kernel", kernel, "--initrd", initramfs,
		"--append", "console=ttyS0 -- grep -m2 -we _start -we __sbi_ecall /proc/kallsyms; echo l > /proc/sysrq-trigger")
	var list strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^([0-9a-f]{16} T \w+)\r?$`).FindAllStringSubmatch(console, -1) {
		fmt.Fprintln(&list, m[1])
	}
	for _, m := range regexp.MustCompile(`\[<([0-9a-f]{16})>\] (\w+)\+0x([0-9a-f]+)/`).FindAllStringSubmatch(console, -1) {
		addr, _ := strconv.ParseUint(m[1], 16, 64) // the pattern allows nothing else
		offset, _ := strconv.ParseUint(m[3], 16, 64)
		fmt.Fprintf(&list, "%016x T %s\n", addr-offset, m[2])
	}
	if err := os.WriteFile(symbols, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{" __sbi_ecall\n", " handle_exception\n", " vfs_write\n"} {
		if !strings.Contains(list.String(), name) {
			t.Fatalf("%q is missing in\n%s\nThe console:\n%s", name, list.String(), console)
		}
	}
	return path, symbols
}

// tables is what translate shows of a kernel address.
const tables = `(?s)mode (S|U|M), sv\d\d, satp [89a][0-9a-f]{15}\nlevel  at +entry +flags +leads to\n(\d +[0-9a-f]{16}  [0-9a-f]{16}  -------V  table at 0x[0-9a-f]+\n)+\d +[0-9a-f]{16}  [0-9a-f]{16}  [-DAGUXWRV.]+  page of .*\nphysical 0x00000000[89][0-9a-f]{7}, load: `

// TestLinuxSession walks through a session of Linux: into traps and out, what
// the kernel's functions are called, and how its addresses are translated, in
// gdb and in the interface.
func TestLinuxSession(t *testing.T) {
	path, symbols := linuxRecording(t)
	calls, kernelCalls := exceptions(t, path, fromUser), exceptions(t, path, fromSupervisor)
	call, kernelCall := calls[len(calls)/2], kernelCalls[len(kernelCalls)-1]
	t.Run("gdb", func(t *testing.T) {
		d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", "--symbols", symbols, path)
		const registers = "info all-registers"
		seek := func(step fmt.Stringer) []string {
			return []string{
				"monitor replay_seek " + step.String(), "maintenance flush register-cache", "maintenance flush dcache",
			}
		}
		script := seek(call)
		script = append(script,
			"#ecall", "x/i $pc", "print $priv", "#ecall before", registers,
			"#handler", "stepi", "print $priv", "print $scause", "print $pc == $stvec", "monitor x/2i $pc",
			"#walk", "monitor translate $pc",
			"#returned", "reverse-stepi", "print $priv", "#ecall after", registers,
			// Out of the trap: behind the call, in U-mode again.
			"#out", "tbreak *($pc+4)", "stepi", "continue", "print $priv", "reverse-stepi", "print $priv", "x/i $pc",
		)
		script = append(append(script, seek(kernelCall)...),
			"#kernel", "x/i $pc", "print $priv", "monitor x/1i $pc", "monitor translate $sp",
			"#firmware", "stepi", "print $priv", "print $mcause", "print $pc == $mtvec", "reverse-stepi", "print $priv", "kill",
		)
		printed := d.gdbWith(t, "set architecture riscv:rv64", script...)
		wants(t, printed, [][2]string{
			{"ecall", ":\tecall … = 0"},
			{"handler", "= 1 … = 8 … = 1 … <handle_exception> … <handle_exception+0x"},
			{"walk", "<handle_exception> on hart 0: mode S, "},
			{"returned", "= 0"},
			{"out", "Temporary breakpoint 1, … = 0 … = 1 … :\tsret"},
			{"kernel", ":\tecall … = 1 … : ecall … <__sbi_ecall+0x"},
			{"firmware", "= 3 … = 9 … = 1 … = 1"},
		})
		same(t, printed, "ecall before", "ecall after")
		for _, name := range []string{"walk", "kernel"} {
			if !regexp.MustCompile(tables).MatchString(printed[name]) {
				t.Errorf("%s: no page tables in\n%s", name, printed[name])
			}
		}
	})
	t.Run("interface", func(t *testing.T) {
		p := newPerson(t, 140, 45)
		p.Command("reprise replay --symbols " + symbols + " " + path)
		p.Wait(": command")
		say := func(line string) { p.Text(":" + line); p.Keys("Enter") }
		say(fmt.Sprintf("replay_seek %d", call+1))
		p.Wait("handle_exception")
		say("translate $pc")
		shown := regexp.MustCompile(`(?s)<handle_exception> on hart 0: mode S, sv\d\d.*level .*-------V  table at 0x.*page of .*physical 0x.*fetch: allowed`)
		p.Until("the page tables", shown.MatchString)
		p.Keys("Escape")
		p.Wait(": command")
		p.Keys("q")
		p.WaitForPrompt()
	})
}
