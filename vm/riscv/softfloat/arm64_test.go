package softfloat_test

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"reprise/internal/testing/guests"
)

// TestOnARM64 runs the package's tests on arm64, under qemu's emulation of it: the same vectors have
// the same results whatever the host. On arm64 itself the other tests are that.
func TestOnARM64(t *testing.T) {
	if runtime.GOARCH == "arm64" {
		return
	}
	emulator := guests.Tool(t, "qemu-aarch64-static", "qemu-user-static")
	binary := filepath.Join(t.TempDir(), "softfloat.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(build.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(emulator, binary, "-test.skip=TestOnARM64", "-vectors=400").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
