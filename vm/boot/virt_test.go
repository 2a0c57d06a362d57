package boot

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// allowed are the nodes of the reference's tree that ours may lack, and why.
var allowed = map[string]string{
	"/soc/pci@30000000": "the board has no PCI host; its devices are virtio-mmio",
	"/pmu":              "the event counters stay at zero: what qemu's count are misses of its own TLB",
	"/fw-cfg@10100000":  "the board has no fw-cfg; its only readers are firmwares that the recording would have to serve",
}

// compare lists how ours differs from the reference: nodes, properties, their
// values and their order.
func compare(path string, ours, reference *Node) []string {
	var diff []string
	var kept []*Node
	for _, c := range reference.Children {
		if allowed[path+"/"+c.Name] == "" {
			kept = append(kept, c)
		}
	}
	names := func(n []*Node) (list []string) {
		for _, c := range n {
			list = append(list, c.Name)
		}
		return list
	}
	props := func(n *Node) (list []string) {
		for _, p := range n.Props {
			list = append(list, p.Name)
		}
		return list
	}
	if got, want := fmt.Sprint(props(ours)), fmt.Sprint(props(reference)); got != want {
		return append(diff, fmt.Sprintf("%s has the properties %s, want %s", path, got, want))
	}
	for i, p := range ours.Props {
		if want := reference.Props[i]; !bytes.Equal(p.Value, want.Value) {
			diff = append(diff, fmt.Sprintf("%s: %s, want %s", path, p, want))
		}
	}
	if got, want := fmt.Sprint(names(ours.Children)), fmt.Sprint(names(kept)); got != want {
		return append(diff, fmt.Sprintf("%s has the nodes %s, want %s", path, got, want))
	}
	for i, c := range ours.Children {
		diff = append(diff, compare(path+"/"+c.Name, c, kept[i])...)
	}
	return diff
}

func TestVirtTreeIsTheReferences(t *testing.T) {
	flat := &File{Name: "kernel", Data: []byte("kernel")}
	for name, m := range map[string]machine{
		"one hart":         {memory: 128 * mib},
		"three harts":      {memory: 2048 * mib, harts: 3, kernel: flat},
		"all of chosen":    {memory: 64 * mib, kernel: flat, initrd: &File{Name: "initrd", Data: make([]byte, 5000)}, append: "console=ttyS0 quiet"},
		"more than 32 bit": {memory: 6144 * mib, harts: 2, kernel: flat, initrd: flat},
	} {
		t.Run(name, func(t *testing.T) {
			want := m.referenceTree(t)
			c := m.config(want)
			if m.kernel == nil {
				c.Kernel = flat
			}
			p, err := Place(c)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseTree(p.Tree)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Reserved) != len(want.Reserved) || got.BootHart != want.BootHart {
				t.Error("reservations or boot hart differ")
			}
			for _, d := range compare("", got.Root, want.Root) {
				t.Error(d)
			}
			for path := range allowed {
				if want.Find(path) == nil {
					t.Errorf("the reference has no %s either: take it off the list", path)
				}
			}
		})
	}
}

func TestVirtTreeLeavesOut(t *testing.T) {
	tree := VirtTree(Board{Memory: 64 * mib, Harts: 1, Virtio: 2}, Chosen{})
	text := tree.String()
	for _, absent := range []string{"bootargs", "initrd", "virtio_mmio@10003000"} {
		if strings.Contains(text, absent) {
			t.Errorf("%s is there:\n%s", absent, text)
		}
	}
	for _, present := range []string{"virtio_mmio@10001000", "virtio_mmio@10002000", "rng-seed"} {
		if !strings.Contains(text, present) {
			t.Errorf("%s is missing:\n%s", present, text)
		}
	}
	far := &Node{}
	Chosen{InitrdStart: 0xffff_f000, InitrdEnd: 0x1_0000_1000}.apply(far)
	if got := far.Prop("linux,initrd-end").String(); got != "linux,initrd-end = <0x01 0x1000>" {
		t.Errorf("an address above 4 GiB is %s", got)
	}
}
