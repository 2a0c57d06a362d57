package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"reprise/internal/disk"
	"reprise/replay/recording"
	"reprise/vm"
)

// roleDisk is the role of an image that is a disk's.
const roleDisk = "disk"

// driveSpec is the argument of --drive: an image, to be named by a --device.
type driveSpec struct {
	ID       string
	File     string
	ReadOnly bool
}

// driveTuning are options of qemu's drives that change the host's side only.
var driveTuning = []string{"aio", "cache", "detect-zeroes", "discard", "rerror", "werror"}

// parseDrive reads file=FILE,if=none,format=raw,id=ID[,readonly=on].
func parseDrive(text string) (driveSpec, error) {
	d := driveSpec{}
	fail := func(format string, args ...any) (driveSpec, error) {
		return driveSpec{}, usagef("--drive %s: %w", text, fmt.Errorf(format, args...))
	}
	kind := ""
	for _, part := range splitOptions(text) {
		name, value, named := strings.Cut(part, "=")
		if !named {
			return fail("%q needs a value: %s=VALUE", part, part)
		}
		switch name {
		case "file":
			d.File = value
		case "if":
			kind = value
		case "id":
			d.ID = value
		case "format":
			if value != "raw" {
				return fail("format=%s is not supported, only raw: convert the image with qemu-img convert -O raw %s %s", value,
					shellQuoted(d.File), shellQuoted(strings.TrimSuffix(d.File, filepath.Ext(d.File))+".raw"))
			}
		case "readonly", "read-only":
			on, err := parseOnOff("drive", name, value)
			if err != nil {
				return driveSpec{}, err
			}
			d.ReadOnly = on
		case "snapshot":
			if on, err := parseOnOff("drive", name, value); err != nil {
				return driveSpec{}, err
			} else if !on {
				return fail("snapshot=off: what the guest writes is kept in the recording, never in the image")
			}
		default:
			if reason := tuningOf(name, driveTuning); reason != "" {
				return fail("%s", reason)
			}
			names := []string{"file", "if", "format", "id", "readonly", "snapshot"}
			return fail("unknown option %q%s: there are %s", name, didYouMean(name, names), strings.Join(names, ", "))
		}
	}
	switch {
	case d.File == "":
		return fail("it names no file: add file=FILE")
	case kind != "none":
		return fail("say if=none, and which device the drive is of: --device virtio-blk-device,drive=%s", orWord(d.ID, "ID"))
	case d.ID == "":
		return fail("it has no id: add id=ID, and --device virtio-blk-device,drive=ID")
	}
	return d, nil
}

// tuningOf is the reason why a tuning option is not there; empty if it is none.
func tuningOf(name string, known []string) string {
	for _, k := range known {
		if name == k {
			return fmt.Sprintf("option %s is not supported: %s", name, noHostTune)
		}
	}
	return ""
}

// orWord is a word, or what stands for it.
func orWord(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}

// openDisk opens the image of the disk in a slot.
func (a *assembled) openDisk(slot int, p peripheral) error {
	im, err := disk.Open(p.Drive.File)
	if err != nil {
		return usagef("--drive id=%s: %w", p.Drive.ID, err)
	}
	a.disks = append(a.disks, openDisk{slot, im})
	a.Config.Virtio[slot] = vm.Virtio{
		Kind: vm.VirtioBlock, Image: im, Size: uint64(im.Size), ReadOnly: p.Drive.ReadOnly, Serial: p.Serial,
	}
	a.Manifest.Images = append(a.Manifest.Images, recording.Image{
		Role: roleDisk, File: filepath.Base(im.Path), SHA256: im.SHA256, Size: uint64(im.Size), Modified: im.Modified,
	})
	return nil
}

// openDisk is a disk's image, open.
type openDisk struct {
	slot int
	*disk.Image
}

// leaveOutside says in the manifest that the disks' images are not in the
// recording, and where they are.
func (a *assembled) leaveOutside() {
	for i := range a.Manifest.Images {
		image := &a.Manifest.Images[i]
		for _, d := range a.disks {
			if image.Role == roleDisk && image.SHA256 == d.SHA256 {
				image.Outside, image.File = true, d.Path
			}
		}
	}
}

// embedDisks writes the disks' images into the recording, from which the
// machine reads them from now on.
func (a *assembled) embedDisks(w *recording.Writer) error {
	for _, d := range a.disks {
		if err := w.BlobFrom(io.NewSectionReader(d.File, 0, d.Size), d.SHA256); err != nil {
			return fmt.Errorf("%s: %w", d.Path, err)
		}
		blob, err := w.View().OpenBlob(d.SHA256)
		if err != nil {
			return err
		}
		a.Config.Virtio[d.slot].Image = blob
	}
	return nil
}

// closeDisks closes the images.
func (a *assembled) closeDisks() error {
	var errs []error
	for _, d := range a.disks {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

// openPinned opens an image that its recording does not hold.
func openPinned(image recording.Image) (io.ReaderAt, error) {
	im, err := disk.OpenPinned(disk.Pin{Path: image.File, Size: int64(image.Size), Modified: image.Modified, SHA256: image.SHA256})
	if err != nil {
		return nil, withStatus(BadInput, err)
	}
	return im, nil
}
