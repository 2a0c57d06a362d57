package guests

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// failure is a test that remembers what it fails with.
type failure struct {
	testing.TB
	message string
}

func (f *failure) Helper() {}

func (f *failure) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// TestMissingIsAFailure asks for what is not there.
func TestMissingIsAFailure(t *testing.T) {
	for name, ask := range map[string]func(testing.TB){
		"tool": func(t testing.TB) { Tool(t, "no-such-program", "some-package") },
		"file": func(t testing.TB) { installed(t, "/no/such/file", "some-package") },
	} {
		f, done := &failure{TB: t}, make(chan struct{})
		go func() {
			defer close(done)
			ask(f)
		}()
		<-done
		if !strings.Contains(f.message, "some-package") {
			t.Errorf("%s: the failure says %q", name, f.message)
		}
	}
}

// TestFirmwareBoots runs Debian's firmware to U-Boot's prompt, and off again.
func TestFirmwareBoots(t *testing.T) {
	machine := StartReference(t, "-m", "256M", "-bios", OpenSBI(t), "-kernel", UBoot(t))
	machine.WaitFor("Hit any key")
	machine.Type("\r")
	machine.WaitFor("=> ")
	machine.Type("poweroff\r")
	if status := machine.Wait(); status != 0 {
		t.Errorf("status %d:\n%s", status, machine.Output())
	}
}
