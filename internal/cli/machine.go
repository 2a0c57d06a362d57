package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
)

// quantum is the number of steps of a hart's turn, when there are several.
const quantum = 1024

// serialName is what the serial port is called, in QEMU's word.
const serialName = "serial0"

// maxImage is the most that a file given as an image may have, in bytes.
const maxImage = 4 << 30

// assembled is a machine that could be switched on.
type assembled struct {
	Config   vm.Config
	RAM      uint64 // bytes
	Manifest recording.Manifest
	Blobs    []recording.Content // all that the manifest refers to

	files map[recording.Hash][]byte // the images, as they were read
	disks []openDisk                // those of disks, which are read when they are needed

	consoles []virtioConsole
	networks []virtioNetwork
}

// assemble reads the files that the options name and decides where everything
// goes. The serial port's backend is for the record only.
func assemble(o MachineOptions, serial chardev.Spec) (*assembled, error) {
	a := &assembled{RAM: o.Memory, files: map[recording.Hash][]byte{}}
	plan, err := a.place(o)
	if err != nil {
		return nil, withStatus(statusOf(err), err)
	}
	a.Config = vm.Config{
		Harts: o.Harts, ISA: o.CPU.ISA, Quantum: quantum, Seed: o.Seed, Chaos: o.Chaos, Shift: o.Icount.Shift, NoReboot: o.NoReboot,
		Segments: plan.Segments, SeedAddr: plan.SeedAddr,
	}
	if o.Semihosting != nil {
		a.Config.Semihosting = &o.Semihosting.Semihosting
	}
	if err := a.addDevices(o.Virtio); err != nil {
		return nil, errors.Join(err, a.closeDisks())
	}
	m := &a.Manifest
	m.Reprise, m.Created = version, time.Now().UTC().Truncate(time.Second)
	a.Blobs = append(a.Blobs, replay.Describe(m, a.Config, a.RAM, o.Icount.Sleep)...)
	tree := recording.ContentOf(plan.Tree)
	m.DeviceTree, a.Blobs = tree.Hash, append(a.Blobs, tree)
	m.Machine.CPU, m.Machine.CommandLine = o.CPU.Text, o.Append
	m.Machine.Devices = boardDevices()
	a.describeDevices()
	m.Machine.CharDevices = append([]recording.CharDevice{{ID: vm.SerialDevice, Name: serialName, Backend: serial.String()}}, a.charDevices()...)
	o.Semihosting.describe(m)
	return a, nil
}

// place loads the images and plans the memory.
func (a *assembled) place(o MachineOptions) (boot.Plan, error) {
	c := boot.Config{
		Append: o.Append,
		Board: boot.Board{
			Memory: o.Memory, Harts: o.Harts, ISA: o.CPU.ISA.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots,
		},
	}
	bios := o.BIOS
	switch bios {
	case "none":
		bios = ""
	case "default":
		var err error
		if bios, err = defaultFirmware(); err != nil {
			return boot.Plan{}, err
		}
	}
	files := []struct {
		role, path string
		to         **boot.File
	}{{"bios", bios, &c.Firmware}, {"kernel", o.Kernel, &c.Kernel}, {"initrd", o.Initrd, &c.Initrd}, {"dtb", o.DTB, &c.DTB}}
	for _, f := range files {
		if f.path == "" {
			continue
		}
		data, err := readImage(f.role, f.path)
		if err != nil {
			return boot.Plan{}, err
		}
		*f.to = &boot.File{Name: f.path, Data: data}
		content := recording.ContentOf(data)
		a.files[content.Hash], a.Blobs = data, append(a.Blobs, content)
		a.Manifest.Images = append(a.Manifest.Images, recording.Image{
			Role: f.role, File: filepath.Base(f.path), SHA256: content.Hash, Size: uint64(len(data)),
		})
	}
	plan, err := boot.Place(c)
	if err != nil {
		return boot.Plan{}, err
	}
	for i := range a.Manifest.Images {
		image := &a.Manifest.Images[i]
		switch image.Role {
		case "bios":
			image.Address = plan.Start
		case "kernel":
			image.Address = plan.Next
		case "initrd":
			image.Address = plan.InitrdStart
		case "dtb":
			image.Address = plan.FDT
		}
	}
	return plan, nil
}

// file finds the content of an image by its hash.
func (a *assembled) file(h recording.Hash) ([]byte, error) { return a.files[h], nil }

// readImage reads a file that goes into the machine.
func readImage(role, path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", role, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usagef("--%s: %s is a folder, not a file", role, path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxImage+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("--%s: %w", role, err)
	case len(data) > maxImage:
		return nil, usagef("--%s: %s has more than %s", role, path, bytesText(maxImage))
	case len(data) == 0:
		return nil, usagef("--%s: %s is empty", role, path)
	}
	return data, nil
}

// boardDevices lists what the board has, for the manifest.
func boardDevices() []recording.Device {
	list := []recording.Device{
		{Name: "finisher", Type: "sifive,test1", Address: boot.FinisherBase},
		{Name: "rtc", Type: "google,goldfish-rtc", Address: boot.RTCBase, IRQ: boot.RTCIRQ},
		{Name: "aclint", Type: "riscv,clint0", Address: boot.CLINTBase},
		{Name: "plic", Type: "riscv,plic0", Address: boot.PLICBase},
		{Name: "uart0", Type: "ns16550a", Address: boot.UARTBase, IRQ: boot.UARTIRQ},
	}
	for i := range boot.VirtioSlots {
		list = append(list, recording.Device{
			Name: fmt.Sprintf("virtio%d", i), Type: "virtio,mmio",
			Address: boot.VirtioBase + uint64(i)*boot.VirtioStride, IRQ: boot.VirtioIRQ + i,
		})
	}
	list = append(list, recording.Device{Name: "flash", Type: "cfi-flash", Address: boot.FlashBase})
	for i := range list {
		list[i].ID = uint8(i)
	}
	return list
}
