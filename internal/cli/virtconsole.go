package cli

import (
	"fmt"
	"strings"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
)

// wire puts a virtconsole on the virtio-serial-device before it on the command
// line, or on the one whose bus it names.
func (b *boardPlan) wire(d *deviceSpec, bus string) error {
	id := d.take("chardev")
	if err := d.done("bus", "id", "chardev"); err != nil {
		return err
	}
	backend, known := b.characters.find(id)
	switch {
	case id == "":
		return d.failf("it names no backend: add chardev=ID, and --chardev KIND,id=ID")
	case !known:
		return d.failf("there is no character device %s: add --chardev KIND,id=%s", id, id)
	}
	for slot := boot.VirtioSlots - 1; slot >= 0; slot-- {
		p := &b.Slots[slot]
		if p.Kind != vm.VirtioConsole || p.Wired || bus != "" && (p.ID == "" || !strings.HasPrefix(bus, p.ID+".")) {
			continue
		}
		p.Wired, p.Console = true, &backend
		return nil
	}
	return d.failf("there is no virtio-serial-device with a free port for it: add --device virtio-serial-device before it")
}

// virtioConsole is a second character device.
type virtioConsole struct {
	id   uint8
	name string
	spec chardev.Spec
}

// addConsole puts a console into its slot, as the next character device.
func (a *assembled) addConsole(slot int, p peripheral) {
	c := virtioConsole{id: vm.SerialDevice + 1 + uint8(len(a.consoles)), spec: chardev.Spec{Kind: chardev.Null}}
	c.name = fmt.Sprintf("virtconsole%d", len(a.consoles))
	if p.Console != nil {
		c.spec, c.name = *p.Console, p.Console.ID
	}
	a.consoles = append(a.consoles, c)
	a.Config.Virtio[slot] = vm.Virtio{Kind: p.Kind, Device: c.id}
}

// charDevices lists the consoles for the manifest.
func (a *assembled) charDevices() []recording.CharDevice {
	var list []recording.CharDevice
	for _, c := range a.consoles {
		list = append(list, recording.CharDevice{ID: c.id, Name: c.name, Backend: c.spec.String()})
	}
	return list
}

// openConsoles makes the consoles' backends.
func (a *assembled) openConsoles(board *switchboard, serial chardev.Spec) ([]replay.Console, error) {
	var list []replay.Console
	for _, c := range a.consoles {
		switch {
		case c.spec.Kind == chardev.Stdio && serial.Kind == chardev.Stdio && !c.spec.Mux:
			return nil, usagef("--chardev stdio,id=%s and the serial port both want standard input: give the serial port another --serial", c.name)
		case c.spec.Kind == chardev.VirtualConsole:
			return nil, usagef("--chardev vc,id=%s: the interface has a pane for the serial port only", c.name)
		}
		backend, err := board.open(c.name, c.spec)
		if err != nil {
			return nil, err
		}
		list = append(list, replay.Console{ID: c.id, Name: c.name, Backend: backend})
	}
	return list, nil
}
