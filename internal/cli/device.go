package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/internal/netdev"
	"reprise/vm"
	"reprise/vm/boot"
)

// peripherals is what the command line puts into the virtio slots.
type peripherals struct {
	Legacy bool // virtio version 1
	Slots  [boot.VirtioSlots]peripheral
}

// peripheral is what one slot has.
type peripheral struct {
	Kind   vm.VirtioKind
	ID     string    // may be empty
	Drive  driveSpec // of a disk
	Serial string    // of a disk

	Console *chardev.Spec // of a console: its backend, nil for none
	Wired   bool          // of a console: a virtconsole has been put on it

	Network netdev.Spec // of a network card
	MAC     vm.MAC
}

// deviceFlags are the options of devices as they are written.
type deviceFlags struct {
	drives, devices, globals, netdevs []string
}

// register adds the options.
func (f *deviceFlags) register(set *pflag.FlagSet) {
	set.StringArrayVar(&f.drives, "drive", nil, "a disk's image, which is never written: `SPEC` is file=FILE,if=none,format=raw,id=ID[,readonly=on]")
	set.StringArrayVar(&f.netdevs, "netdev", nil, "a network: `SPEC` is user,id=ID[,hostfwd=tcp::PORT-:PORT] or socket,id=ID,listen=:PORT, connect=HOST:PORT or udp=HOST:PORT,localaddr=:PORT")
	set.StringArrayVar(&f.devices, "device", nil, "`SPEC` of a device: virtio-blk-device,drive=ID, virtio-net-device,netdev=ID, virtio-rng-device, or virtio-serial-device and virtconsole,chardev=ID; bus=virtio-mmio-bus.N chooses the slot")
	set.StringArrayVar(&f.globals, "global", nil, "virtio-mmio.force-legacy=`BOOL`: the devices have version 1 of the interface instead of 2")
}

// parse checks the words and gives every device its slot.
func (f *deviceFlags) parse(c *characters) (peripherals, error) {
	b := boardPlan{}
	var err error
	if b.Legacy, err = parseGlobals(f.globals); err != nil {
		return b.peripherals, err
	}
	for _, text := range f.drives {
		d, err := parseDrive(text)
		if err != nil {
			return b.peripherals, err
		}
		if b.drive(d.ID) != nil {
			return b.peripherals, usagef("--drive id=%s is given twice: every drive has an id of its own", d.ID)
		}
		b.drives = append(b.drives, plannedDrive{driveSpec: d})
	}
	if err := b.addNetworks(f.netdevs); err != nil {
		return b.peripherals, err
	}
	b.characters = c
	for _, text := range f.devices {
		if err := b.add(text); err != nil {
			return b.peripherals, err
		}
	}
	return b.peripherals, b.unused()
}

// unused fails if something belongs to no device.
func (b *boardPlan) unused() error {
	for _, d := range b.drives {
		if !d.used {
			return usagef("--drive id=%s belongs to no device: add --device virtio-blk-device,drive=%s", d.ID, d.ID)
		}
	}
	for _, n := range b.netdevs {
		if !n.used {
			return usagef("--netdev id=%s belongs to no device: add --device virtio-net-device,netdev=%s", n.ID, n.ID)
		}
	}
	return nil
}

// parseGlobals reads --global. Of qemu's properties there is one.
func parseGlobals(texts []string) (legacy bool, err error) {
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		if name != "virtio-mmio.force-legacy" {
			return false, usagef("--global %s: there is one property, virtio-mmio.force-legacy=on or off", text)
		}
		if legacy, err = parseOnOff("global", name, value); err != nil {
			return false, err
		}
	}
	return legacy, nil
}

// boardPlan is a board whose slots are being filled.
type boardPlan struct {
	peripherals
	drives     []plannedDrive
	netdevs    []plannedNetdev
	characters *characters
}

// plannedDrive is a drive that may have found its device.
type plannedDrive struct {
	driveSpec
	used bool
}

// drive finds a drive by its id.
func (b *boardPlan) drive(id string) *plannedDrive {
	for i := range b.drives {
		if b.drives[i].ID == id {
			return &b.drives[i]
		}
	}
	return nil
}

// add puts a device into its slot.
func (b *boardPlan) add(text string) error {
	d, err := parseDevice(text)
	if err != nil {
		return err
	}
	bus := d.take("bus")
	p := peripheral{ID: d.take("id")}
	known := []string{"bus", "id"}
	switch d.driver {
	case "virtio-blk-device", "virtio-blk":
		p.Kind, p.Serial = vm.VirtioBlock, d.take("serial")
		known = append(known, "drive", "serial")
		if err := b.claimDrive(&d, &p); err != nil {
			return err
		}
	case "virtio-net-device", "virtio-net":
		p.Kind = vm.VirtioNet
		known = append(known, "netdev", "mac")
		if err := b.claimNetdev(&d, &p); err != nil {
			return err
		}
	case "virtio-serial-device", "virtio-serial":
		p.Kind = vm.VirtioConsole
		known = append(known, "max_ports")
		if ports := d.take("max_ports"); ports != "" && ports != "1" {
			return d.failf("max_ports=%s: the device has one port", ports)
		}
	case "virtconsole":
		return b.wire(&d, bus)
	case "virtio-rng-device", "virtio-rng":
		p.Kind = vm.VirtioRNG
		if d.take("rng") != "" {
			return d.failf("rng is not supported: the entropy is the host's, and is recorded")
		}
	default:
		return d.unknown()
	}
	if err := d.done(known...); err != nil {
		return err
	}
	slot, err := b.place(&d, bus)
	if err != nil {
		return err
	}
	b.Slots[slot] = p
	return nil
}

// claimDrive gives a disk its drive.
func (b *boardPlan) claimDrive(d *deviceSpec, p *peripheral) error {
	id := d.take("drive")
	found := b.drive(id)
	switch {
	case id == "":
		return d.failf("it names no drive: add drive=ID, and --drive file=FILE,if=none,format=raw,id=ID")
	case found == nil:
		return d.failf("there is no drive %s: add --drive file=FILE,if=none,format=raw,id=%s", id, id)
	case found.used:
		return d.failf("drive %s is another device's already", id)
	case len(p.Serial) > vm.MaxSerial:
		return d.failf("the serial number %q has more than %d bytes", p.Serial, vm.MaxSerial)
	}
	found.used, p.Drive = true, found.driveSpec
	return nil
}

// busPrefix is what qemu calls the slots, less their numbers.
const busPrefix = "virtio-mmio-bus."

// place finds the slot of a device: the one that it asks for, else, as qemu
// does, the last one that is free.
func (b *boardPlan) place(d *deviceSpec, bus string) (int, error) {
	if bus == "" {
		for slot := boot.VirtioSlots - 1; slot >= 0; slot-- {
			if b.Slots[slot].Kind == vm.VirtioNone {
				return slot, nil
			}
		}
		return 0, d.failf("all %d virtio slots are taken", boot.VirtioSlots)
	}
	number, ok := strings.CutPrefix(bus, busPrefix)
	slot, err := strconv.Atoi(number)
	switch {
	case !ok || err != nil || slot < 0 || slot >= boot.VirtioSlots:
		return 0, d.failf("there is no bus %q: there are %s0 to %s%d", bus, busPrefix, busPrefix, boot.VirtioSlots-1)
	case b.Slots[slot].Kind != vm.VirtioNone:
		return 0, d.failf("%s is taken by a device before it on the command line: give that one a bus of its own too", bus)
	}
	return slot, nil
}
