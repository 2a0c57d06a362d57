package guests

import (
	"os"
	"path/filepath"
	"testing"
)

// Linux returns the paths of Debian's kernel and of an initial RAM disk that
// gives a shell with the prompt [LinuxPrompt], or runs what follows -- on the
// kernel's command line and switches the machine off. scripts/guests makes both.
func Linux(t testing.TB) (kernel, initramfs string) {
	t.Helper()
	folder, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	kernel, initramfs = filepath.Join(folder, "Image"), filepath.Join(folder, "initramfs.cpio")
	for _, path := range []string{kernel, initramfs} {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("%s is missing: run make guests, which fetches the Debian packages linux-image-riscv64 and busybox-static", path)
		}
	}
	return kernel, initramfs
}

// LinuxPrompt is what the shell of the Linux guest prints when it waits for a
// line.
const LinuxPrompt = "guest:~# "

// Folder is where scripts/guests puts its files.
func Folder() (string, error) {
	if folder := os.Getenv("GUESTS"); folder != "" {
		return folder, nil
	}
	cache, err := os.UserCacheDir() // XDG_CACHE_HOME, or .cache
	return filepath.Join(cache, "reprise-guests"), err
}
