package cli

import (
	"slices"

	"reprise/replay/recording"
	"reprise/vm"
)

// addDevices opens what the devices need and puts them into the configuration.
func (a *assembled) addDevices(p peripherals) error {
	a.Config.VirtioLegacy = p.Legacy
	for slot, device := range p.Slots {
		switch device.Kind {
		case vm.VirtioBlock:
			if err := a.openDisk(slot, device); err != nil {
				return err
			}
		case vm.VirtioConsole:
			a.addConsole(slot, device)
		case vm.VirtioNet:
			a.addNetwork(slot, device)
		case vm.VirtioRNG:
			a.Config.Virtio[slot] = vm.Virtio{Kind: device.Kind}
		case vm.VirtioNone:
		}
	}
	return nil
}

// describeDevices adds to the manifest what only the command line knows of the
// devices.
func (a *assembled) describeDevices() {
	for i := range a.Manifest.Machine.Virtio {
		device := &a.Manifest.Machine.Virtio[i]
		for _, d := range a.disks {
			if d.slot == device.Slot {
				device.Image = d.SHA256
			}
		}
		for _, n := range a.networks {
			if n.slot == device.Slot {
				device.Backend = n.spec.String()
			}
		}
	}
}

// compareDevices refuses virtio devices that are not the recorded ones.
func (l *launch) compareDevices(a *assembled, m *recording.Manifest) error {
	ours, recorded := a.Manifest.Machine, m.Machine
	if ours.VirtioLegacy != recorded.VirtioLegacy {
		return usagef("--global virtio-mmio.force-legacy: the recording has %s", onOff(recorded.VirtioLegacy))
	}
	if slices.Equal(ours.Virtio, recorded.Virtio) {
		return nil
	}
	for _, d := range recorded.Virtio {
		if !slices.Contains(ours.Virtio, d) {
			return usagef("--device: the recording has %s on %s%d, with other options or another image; reprise replay needs no machine options",
				d.Type, busPrefix, d.Slot)
		}
	}
	return usagef("--device: the recording has fewer devices; reprise replay needs no machine options")
}

// virtioText is a virtio device for people.
func virtioText(m *recording.Manifest, d recording.VirtioDevice) string {
	text := d.Type
	for _, image := range m.Images {
		if image.Role == roleDisk && image.SHA256 == d.Image {
			text += ", image " + image.File
			break
		}
	}
	if d.MAC != "" {
		text += ", " + d.MAC
	}
	if d.Backend != "" {
		text += ", " + d.Backend
	}
	if d.ReadOnly {
		text += ", read-only"
	}
	if d.Serial != "" {
		text += ", serial " + d.Serial
	}
	if m.Machine.VirtioLegacy {
		text += ", legacy interface"
	}
	return text
}
