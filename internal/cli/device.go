package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/internal/netdev"
	"reprise/replay/recording"
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
	drives, devices, globals, netdevs, chardevs []string
}

// register adds the options.
func (f *deviceFlags) register(set *pflag.FlagSet) {
	set.StringArrayVar(&f.drives, "drive", nil, "a disk's image, which is never written: `SPEC` is file=FILE,if=none,format=raw,id=ID[,readonly=on]")
	set.StringArrayVar(&f.netdevs, "netdev", nil, "a network: `SPEC` is user,id=ID[,hostfwd=tcp::PORT-:PORT] or socket,id=ID,listen=:PORT, connect=HOST:PORT or udp=HOST:PORT,localaddr=:PORT")
	set.StringArrayVar(&f.chardevs, "chardev", nil, "the backend of a console: `SPEC` is KIND,id=ID[,NAME=VALUE]")
	set.StringArrayVar(&f.devices, "device", nil, "`SPEC` of a device: virtio-blk-device,drive=ID, virtio-net-device,netdev=ID, virtio-rng-device, or virtio-serial-device and virtconsole,chardev=ID; bus=virtio-mmio-bus.N chooses the slot")
	set.StringArrayVar(&f.globals, "global", nil, "virtio-mmio.force-legacy=`BOOL`: the devices have version 1 of the interface instead of 2")
}

// parse checks the words and gives every device its slot.
func (f *deviceFlags) parse() (peripherals, error) {
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
	if err := b.addBackends(f.netdevs, f.chardevs); err != nil {
		return b.peripherals, err
	}
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
	for _, c := range b.chardevs {
		if !c.used {
			return usagef("--chardev id=%s belongs to no device: add --device virtio-serial-device --device virtconsole,chardev=%s", c.ID, c.ID)
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
	drives   []plannedDrive
	netdevs  []plannedNetdev
	chardevs []plannedChardev
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

// deviceSpec is the argument of one --device.
type deviceSpec struct {
	text    string
	driver  string
	options map[string]string
}

// parseDevice reads DRIVER[,NAME=VALUE]....
func parseDevice(text string) (deviceSpec, error) {
	d := deviceSpec{text: text, options: map[string]string{}}
	for i, part := range splitOptions(text) {
		name, value, named := strings.Cut(part, "=")
		switch {
		case i == 0 && !named:
			d.driver = part
		case name == "driver" && named:
			d.driver = value
		case !named:
			return d, d.failf("%q needs a value: %s=VALUE", part, part)
		default:
			d.options[name] = value
		}
	}
	return d, nil
}

// failf is an error about the device.
func (d *deviceSpec) failf(format string, args ...any) error {
	return usagef("--device %s: %w", d.text, fmt.Errorf(format, args...))
}

// take removes an option and returns its value, empty if it is not there.
func (d *deviceSpec) take(name string) string {
	value := d.options[name]
	delete(d.options, name)
	return value
}

// done fails if an option is left that nobody took.
func (d *deviceSpec) done(known ...string) error {
	if left := d.first(); left != "" {
		return d.failf("%s has no option %q%s: there are %s", d.driver, left, didYouMean(left, known), strings.Join(known, ", "))
	}
	return nil
}

// first is the first name of those options that are left.
func (d *deviceSpec) first() string {
	first := ""
	for name := range d.options {
		if first == "" || name < first {
			first = name
		}
	}
	return first
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

// unknown is the error for a driver that is not here.
func (d *deviceSpec) unknown() error {
	names := []string{"virtconsole"}
	for _, kind := range vm.VirtioKinds() {
		names = append(names, kind.String())
	}
	if d.driver == "virtserialport" {
		return d.failf("virtserialport is not supported: the one port of a virtio-serial-device is a virtconsole")
	}
	if base, ok := strings.CutSuffix(d.driver, "-pci"); ok {
		for _, name := range names {
			if name == base+"-device" {
				return d.failf("the board has no PCI: use %s", name)
			}
		}
	}
	return d.failf("there is no device %q%s: there are %s", d.driver, didYouMean(d.driver, names), strings.Join(names, ", "))
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
