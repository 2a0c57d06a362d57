package cli

import (
	"fmt"
	"strings"

	"reprise/vm"
)

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
