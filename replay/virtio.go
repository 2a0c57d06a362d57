package replay

import (
	"fmt"
	"io"
	"net"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
)

// openImage opens an image that is not in its recording.
type openImage func(recording.Image) (io.ReaderAt, error)

// describeVirtio fills in what a manifest says of the virtio slots.
func describeVirtio(m *recording.Manifest, config vm.Config) {
	m.Machine.VirtioLegacy = config.VirtioLegacy
	for i, v := range config.Virtio {
		if v.Kind == vm.VirtioNone {
			continue
		}
		m.Machine.Virtio = append(m.Machine.Virtio, recording.VirtioDevice{
			Slot: i, Type: v.Kind.String(), Name: fmt.Sprintf("virtio%d", i), ID: v.Device,
			Size: v.Size, ReadOnly: v.ReadOnly, Serial: v.Serial, MAC: macText(v),
		})
	}
}

// macText is the address of a network card; empty for other devices.
func macText(v vm.Virtio) string {
	if v.Kind != vm.VirtioNet {
		return ""
	}
	return net.HardwareAddr(v.MAC[:]).String()
}

// addVirtio fills the virtio slots of a machine that was recorded.
func addVirtio(config *vm.Config, r *recording.Reader, outside openImage) error {
	m := r.Manifest()
	config.VirtioLegacy = m.Machine.VirtioLegacy
	for _, d := range m.Machine.Virtio {
		if d.Slot < 0 || d.Slot >= boot.VirtioSlots {
			return fmt.Errorf("the recording has virtio slot %d; the board has %d", d.Slot, boot.VirtioSlots)
		}
		v := vm.Virtio{Size: d.Size, ReadOnly: d.ReadOnly, Serial: d.Serial, Device: d.ID}
		for _, kind := range vm.VirtioKinds() {
			if kind.String() == d.Type {
				v.Kind = kind
			}
		}
		var err error
		switch v.Kind {
		case vm.VirtioNone:
			return fmt.Errorf("the recording has a device %q; this build has none", d.Type)
		case vm.VirtioBlock:
			if v.Image, err = diskImage(r, d, outside); err != nil {
				return err
			}
		case vm.VirtioNet:
			mac, err := net.ParseMAC(d.MAC)
			if err != nil || len(mac) != len(v.MAC) {
				return fmt.Errorf("the recording has a network card with the address %q", d.MAC)
			}
			v.MAC = vm.MAC(mac)
		case vm.VirtioRNG, vm.VirtioConsole:
		}
		config.Virtio[d.Slot] = v
	}
	return nil
}

// diskImage finds the image of a disk, in the recording or outside.
func diskImage(r *recording.Reader, d recording.VirtioDevice, outside openImage) (io.ReaderAt, error) {
	for _, image := range r.Manifest().Images {
		switch {
		case image.SHA256 != d.Image || image.Size != d.Size:
		case !image.Outside:
			blob, err := r.OpenBlob(image.SHA256)
			if err == nil && uint64(blob.Size()) != d.Size {
				err = fmt.Errorf("the recording's disk %s has %d bytes, and its image %d", d.Name, d.Size, blob.Size())
			}
			return blob, err
		case outside == nil:
			return nil, fmt.Errorf("the image %s is not in the recording", image.File)
		default:
			return outside(image)
		}
	}
	return nil, fmt.Errorf("the recording names no image for its disk %s", d.Name)
}
