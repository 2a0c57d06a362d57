package assets_test

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/guests"
)

// icount makes qemu count instructions, and idle for no longer than it must.
var icount = []string{"-icount", "shift=0,sleep=off"}

// TestGuestFiles looks at what a debugger needs of each guest.
func TestGuestFiles(t *testing.T) {
	for name, guest := range map[string][]byte{
		"demo": assets.Demo(), "bench": assets.Bench(), "calls": assets.Calls(), "keys": assets.Keys(), "idle": assets.Idle(), "race": assets.Race(), "semihost": assets.Semihost(), "hostile": assets.Hostile(),
	} {
		if len(guest) > 100<<10 {
			t.Errorf("%s: %d bytes, want at most 100 KiB", name, len(guest))
		}
		file, err := elf.NewFile(bytes.NewReader(guest))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if file.Machine != elf.EM_RISCV || file.Entry != 0x80000000 {
			t.Errorf("%s: machine %v, entry %#x", name, file.Machine, file.Entry)
		}
		if symbols, err := file.Symbols(); err != nil || len(symbols) == 0 {
			t.Errorf("%s: %d symbols: %v", name, len(symbols), err)
		}
		checkSources(t, name, file)
	}
}

// checkSources fails if the debug information names sources by a path of the
// machine that built the guest.
func checkSources(t *testing.T, name string, file *elf.File) {
	t.Helper()
	info, err := file.DWARF()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	reader := info.Reader()
	for {
		unit, err := reader.Next()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if unit == nil {
			return
		}
		reader.SkipChildren()
		lines, err := info.LineReader(unit)
		if err != nil || lines == nil {
			t.Errorf("%s: no line table: %v", name, err)
			return
		}
		for _, source := range lines.Files() {
			if source != nil && strings.HasPrefix(source.Name, "/") && !strings.Contains(source.Name, "/gcc/") {
				t.Errorf("%s: source %s", name, source.Name)
			}
		}
	}
}

// TestEveryCallHasItsOwnBytes changes what one call returned.
func TestEveryCallHasItsOwnBytes(t *testing.T) {
	for _, guest := range []func() []byte{assets.Demo, assets.Bench, assets.Calls, assets.Keys, assets.Idle} {
		guest()[0] = 0
		if !bytes.HasPrefix(guest(), []byte(elf.ELFMAG)) {
			t.Error("a change of the returned bytes reached the embedded guest")
		}
	}
}

func TestKeys(t *testing.T) {
	machine := guests.StartReference(t, "-bios", guests.Keys(t))
	machine.WaitFor("keys: ready\r\n")
	var want strings.Builder
	for i := range 256 {
		fmt.Fprintf(&want, "%02x\r\n", i)
		machine.Type(string([]byte{byte(i)}))
	}
	if got := machine.WaitFor("ff\r\n"); got != want.String() {
		t.Errorf("got %q, want %q", got, want.String())
	}
	machine.Type("powerpoweroff\r")
	if status := machine.Wait(); status != 0 {
		t.Errorf("status %d after power-off", status)
	}
	if end := "6f\r\n66\r\n66\r\n0d\r\n"; !strings.HasSuffix(machine.Output(), end) {
		t.Errorf("the console ends with %q, want %q", machine.Output(), end)
	}
}

// TestKeysTypedFast types more than any buffer holds, at once.
func TestKeysTypedFast(t *testing.T) {
	machine := guests.StartReference(t, "-bios", guests.Keys(t))
	machine.WaitFor("keys: ready\r\n")
	machine.Type(strings.Repeat("x", 1<<14) + "poweroff\r")
	if status := machine.Wait(); status != 0 {
		t.Errorf("status %d after power-off", status)
	}
	if got := strings.Count(machine.Output(), "78\r\n"); got != 1<<14 {
		t.Errorf("%d of %d bytes arrived", got, 1<<14)
	}
}

func TestIdle(t *testing.T) {
	machine := guests.StartReference(t, append(icount, "-bios", guests.Idle(t))...)
	if got, want := machine.WaitFor("\r\n5\r\n"), "idle: ready\r\n1\r\n2\r\n3\r\n4\r\n5\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
