package cli

import (
	"testing"

	"reprise/vm"
	"reprise/vm/boot"
)

// TestSlots compares the slots of devices with those that qemu gives them.
func TestSlots(t *testing.T) {
	for name, test := range map[string]struct {
		devices []string
		want    map[int]vm.VirtioKind
	}{
		"from the last": {
			[]string{"virtio-rng-device", "virtio-serial-device", "virtio-rng-device"},
			map[int]vm.VirtioKind{7: vm.VirtioRNG, 6: vm.VirtioConsole, 5: vm.VirtioRNG},
		},
		"around one with a place": {
			[]string{"virtio-serial-device,bus=virtio-mmio-bus.7", "virtio-rng-device", "virtio-rng-device,bus=virtio-mmio-bus.0", "virtio-rng-device"},
			map[int]vm.VirtioKind{7: vm.VirtioConsole, 6: vm.VirtioRNG, 5: vm.VirtioRNG, 0: vm.VirtioRNG},
		},
	} {
		f := deviceFlags{devices: test.devices}
		p, err := f.parse(new(characters))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for slot := range boot.VirtioSlots {
			if p.Slots[slot].Kind != test.want[slot] {
				t.Errorf("%s: slot %d has %v, want %v", name, slot, p.Slots[slot].Kind, test.want[slot])
			}
		}
	}
	f := deviceFlags{}
	for range boot.VirtioSlots + 1 {
		f.devices = append(f.devices, "virtio-rng-device")
	}
	if _, err := f.parse(new(characters)); err == nil {
		t.Error("nine devices fit into eight slots")
	}
}

// FuzzDevices looks for a panic in what reads the options of devices.
func FuzzDevices(f *testing.F) {
	f.Add("file=a,,b,if=none,format=raw,id=x", "virtio-blk-device,drive=x,bus=virtio-mmio-bus.3", "user,id=n", "null,id=c", "virtio-mmio.force-legacy=on")
	f.Add("id=x", "virtconsole,chardev=c", "socket,id=n", "c", "=")
	f.Add("", "virtio-net-device,mac=1,netdev=n", "", "", "")
	f.Fuzz(func(_ *testing.T, drive, device, network, char, global string) {
		backends := characterFlags{chardevs: []string{char}}
		c, err := backends.parse()
		if err != nil {
			c = characters{}
		}
		flags := deviceFlags{
			drives: []string{drive}, devices: []string{"virtio-serial-device", device}, netdevs: []string{network},
			globals: []string{global},
		}
		_, _ = flags.parse(&c)
		flags.drives, flags.netdevs, flags.globals = nil, nil, nil
		_, _ = flags.parse(&c)
	})
}
