package disk

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, name string, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOpen reads raw images, and refuses others.
func TestOpen(t *testing.T) {
	path := write(t, "disk.img", "content")
	im, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if im.Size != 7 || im.SHA256 != sha256.Sum256([]byte("content")) || im.Path != path {
		t.Errorf("%+v", im)
	}
	if err := im.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"qcow2":   {write(t, "my disk.qcow2", "QFI\xfb\x00\x00\x00\x03"), "qemu-img convert -O raw '"},
		"vmdk":    {write(t, "a.vmdk", "KDMV...."), "a.raw"},
		"folder":  {t.TempDir(), "not an ordinary file"},
		"missing": {filepath.Join(t.TempDir(), "none"), "no such file"},
	} {
		if im, err := Open(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, %v", name, im, err)
		}
	}
}

// TestOpenPinned tells whether an image is the one of then.
func TestOpenPinned(t *testing.T) {
	path := write(t, "disk.img", "content")
	im, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = im.Close() }()
	pin := Pin{path, im.Size, im.Modified, im.SHA256}
	open := func() error {
		im, err := OpenPinned(pin)
		if err == nil {
			err = im.Close()
		}
		return err
	}
	if err := open(); err != nil {
		t.Error(err)
	}
	replace := func(content string, later time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, pin.Modified.Add(later)); err != nil {
			t.Fatal(err)
		}
	}
	replace("content", time.Hour) // copied, say
	if err := open(); err != nil {
		t.Error(err)
	}
	for _, later := range []time.Duration{0, time.Hour} {
		replace("CONTENT", later)
		if err := open(); err == nil || !strings.Contains(err.Error(), "has changed") {
			t.Errorf("other content, %v later: %v", later, err)
		}
	}
	replace("content and more", 0)
	if err := open(); err == nil || !strings.Contains(err.Error(), "16 bytes where it had 7") {
		t.Errorf("another size: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "not in the recording") {
		t.Errorf("no file: %v", err)
	}
}
