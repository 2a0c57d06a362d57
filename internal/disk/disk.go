package disk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Image is an open image.
type Image struct {
	*os.File
	Path     string // absolute
	Size     int64  // bytes
	Modified time.Time
	SHA256   [sha256.Size]byte
}

// Open opens a raw image and reads it once, for its hash. What is not an
// ordinary file, or has another format, is an error that says what to do.
func Open(path string) (_ *Image, err error) {
	im, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, im.Close())
		}
	}()
	if err := im.refuseFormats(); err != nil {
		return nil, err
	}
	return im, im.hash()
}

// Pin is what an image was when it was recorded.
type Pin struct {
	Path     string
	Size     int64
	Modified time.Time
	SHA256   [sha256.Size]byte
}

// OpenPinned opens an image that has to be what it was: one of another size is
// refused at once, one of another content after it was read. The time decides
// nothing, since copying a file changes it; it is what people are told.
func OpenPinned(pin Pin) (_ *Image, err error) {
	im, err := open(pin.Path)
	if err != nil {
		return nil, fmt.Errorf("the disk's image is not in the recording, and cannot be opened: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, im.Close())
		}
	}()
	if im.Size != pin.Size {
		return nil, fmt.Errorf("disk image %s has changed since it was recorded: it has %d bytes where it had %d; put the file of then in its place",
			pin.Path, im.Size, pin.Size)
	}
	if err := im.hash(); err != nil {
		return nil, err
	}
	if im.SHA256 != pin.SHA256 {
		return nil, fmt.Errorf("disk image %s has changed since it was recorded: it is of %s and was of %s, and its SHA-256 is another; put the file of then in its place",
			pin.Path, im.Modified.Format(time.RFC3339), pin.Modified.Format(time.RFC3339))
	}
	return im, nil
}

func open(path string) (*Image, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not an ordinary file: copy it into one", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Image{File: f, Path: path, Size: info.Size(), Modified: info.ModTime().UTC()}, nil
}

// hash reads the whole image.
func (im *Image) hash() error {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(im.File, 0, im.Size))
	if err == nil && n != im.Size {
		err = fmt.Errorf("%s became shorter while it was read", im.Path)
	}
	copy(im.SHA256[:], h.Sum(nil))
	return err
}

// formats are the beginnings of images that are not raw.
var formats = []struct{ name, magic string }{
	{"qcow2", "QFI\xfb"},
	{"qed", "QED\x00"},
	{"vmdk", "KDMV"},
	{"vdi", "<<< "},
	{"vhdx", "vhdxfile"},
	{"vpc", "conectix"},
}

// refuseFormats refuses an image that is not raw.
func (im *Image) refuseFormats() error {
	var start [8]byte
	n, err := im.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, f := range formats {
		if bytes.HasPrefix(start[:n], []byte(f.magic)) {
			return fmt.Errorf("%s is a %s image, and only raw ones can be used: convert it with qemu-img convert -O raw %s %s",
				im.Path, f.name, quoted(im.Path), quoted(rawName(im.Path)))
		}
	}
	return nil
}

// rawName is what the raw form of an image could be called.
func rawName(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + ".raw"
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t\n\"'\\$`!&|;<>()*?[]{}~#") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
