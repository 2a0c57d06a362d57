package boot

import "fmt"

// Board describes the machine to its guest.
type Board struct {
	Memory uint64 // bytes of RAM, from RAMBase
	Harts  int    // 1 to MaxHarts
	ISA    string // riscv,isa of every hart, such as "rv64imafdc_zicsr"
	MMU    string // mmu-type of every hart, such as MMUType
	Virtio int    // virtio-mmio slots that are present, 0 to VirtioSlots
}

// MMUType is the mmu-type of our harts. They have Sv57 too; qemu 7.2 has both and
// writes this, and guests find out by trying.
const MMUType = "riscv,sv48"

// Chosen is what the board tells the guest of this boot (/chosen).
type Chosen struct {
	Append                 string // kernel command line; left out if empty
	InitrdStart, InitrdEnd uint64 // guest-physical; left out if equal
	Seed                   [SeedSize]byte
}

// apply sets the properties in a node, in the order in which qemu does.
func (c Chosen) apply(n *Node) {
	if c.Append != "" {
		n.Set(Texts("bootargs", c.Append))
	}
	n.Set(Prop{Name: "rng-seed", Value: c.Seed[:]})
	if c.InitrdStart != c.InitrdEnd {
		n.Set(address("linux,initrd-start", c.InitrdStart))
		n.Set(address("linux,initrd-end", c.InitrdEnd))
	}
}

// address makes a property of one cell, or of two where one does not hold it.
func address(name string, a uint64) Prop {
	if a < 1<<32 {
		return Cells(name, uint32(a))
	}
	return Pairs(name, a)
}

// Interrupt numbers of a hart's own controller (Privileged ISA, mcause).
const (
	irqSoftM = 3
	irqTimeM = 7
	irqExtS  = 9
	irqExtM  = 11
)

// The phandles are numbered as qemu does: the last hart first, each with its
// interrupt controller after it, then the PLIC, then the finisher.

func (b Board) hartHandle(hart int) uint32 { return uint32(2*(b.Harts-1-hart) + 1) }
func (b Board) intcHandle(hart int) uint32 { return b.hartHandle(hart) + 1 }
func (b Board) plicHandle() uint32         { return uint32(2*b.Harts + 1) }
func (b Board) finisherHandle() uint32     { return b.plicHandle() + 1 }
func unit(name string, address int) string { return fmt.Sprintf("%s@%x", name, address) }
func reg(addr, size uint64, m ...uint64) Prop {
	return Pairs("reg", append([]uint64{addr, size}, m...)...)
}

// VirtTree is the device tree of the board: nodes, properties and their order
// are those of qemu's virt board, less what this board lacks (PCI host, fw-cfg,
// event counters).
func VirtTree(b Board, c Chosen) *Tree {
	root := &Node{Props: []Prop{
		Cells("#address-cells", 2),
		Cells("#size-cells", 2),
		Texts("compatible", "riscv-virtio"),
		Texts("model", "riscv-virtio,qemu"),
	}}
	chosen := &Node{Name: "chosen", Props: []Prop{
		Texts("stdout-path", "/soc/"+unit("serial", UARTBase)),
	}}
	c.apply(chosen)
	root.Children = append(root.Children,
		&Node{Name: unit("flash", FlashBase), Props: []Prop{
			Cells("bank-width", 4),
			reg(FlashBase, FlashSize, FlashBase+FlashSize, FlashSize),
			Texts("compatible", "cfi-flash"),
		}},
		chosen,
		b.syscon("poweroff", FinisherPass),
		b.syscon("reboot", FinisherBoot),
		&Node{Name: "platform-bus@4000000", Props: []Prop{
			Cells("interrupt-parent", b.plicHandle()),
			Cells("ranges", 0, 0, 0x400_0000, 0x200_0000),
			Cells("#address-cells", 1),
			Cells("#size-cells", 1),
			Texts("compatible", "qemu,platform", "simple-bus"),
		}},
		&Node{Name: unit("memory", RAMBase), Props: []Prop{
			Texts("device_type", "memory"),
			reg(RAMBase, b.Memory),
		}},
		b.cpus(),
		b.soc(),
	)
	return &Tree{Root: root}
}

// syscon tells the guest which value in the finisher's register does what.
func (b Board) syscon(name string, value uint32) *Node {
	return &Node{Name: name, Props: []Prop{
		Cells("value", value),
		Cells("offset", 0),
		Cells("regmap", b.finisherHandle()),
		Texts("compatible", "syscon-"+name),
	}}
}

func (b Board) cpus() *Node {
	cluster := &Node{Name: "cluster0"}
	cpus := &Node{Name: "cpus", Props: []Prop{
		Cells("#address-cells", 1),
		Cells("#size-cells", 0),
		Cells("timebase-frequency", TimebaseHz),
	}}
	for hart := range b.Harts {
		cpus.Children = append(cpus.Children, &Node{
			Name: unit("cpu", hart),
			Props: []Prop{
				Cells("phandle", b.hartHandle(hart)),
				Texts("device_type", "cpu"),
				Cells("reg", uint32(hart)),
				Texts("status", "okay"),
				Texts("compatible", "riscv"),
				Texts("riscv,isa", b.ISA),
				Texts("mmu-type", b.MMU),
			},
			Children: []*Node{{Name: "interrupt-controller", Props: []Prop{
				Cells("#interrupt-cells", 1),
				Flag("interrupt-controller"),
				Texts("compatible", "riscv,cpu-intc"),
				Cells("phandle", b.intcHandle(hart)),
			}}},
		})
		cluster.Children = append(cluster.Children, &Node{
			Name:  fmt.Sprintf("core%d", hart),
			Props: []Prop{Cells("cpu", b.hartHandle(hart))},
		})
	}
	cpus.Children = append(cpus.Children, &Node{Name: "cpu-map", Children: []*Node{cluster}})
	return cpus
}

func (b Board) soc() *Node {
	soc := &Node{Name: "soc", Props: []Prop{
		Cells("#address-cells", 2),
		Cells("#size-cells", 2),
		Texts("compatible", "simple-bus"),
		Flag("ranges"),
	}}
	soc.Children = append(soc.Children,
		&Node{Name: unit("rtc", RTCBase), Props: []Prop{
			Cells("interrupts", RTCIRQ),
			Cells("interrupt-parent", b.plicHandle()),
			reg(RTCBase, RTCSize),
			Texts("compatible", "google,goldfish-rtc"),
		}},
		&Node{Name: unit("serial", UARTBase), Props: []Prop{
			Cells("interrupts", UARTIRQ),
			Cells("interrupt-parent", b.plicHandle()),
			Cells("clock-frequency", UARTClockHz),
			reg(UARTBase, UARTSize),
			Texts("compatible", "ns16550a"),
		}},
		&Node{Name: unit("test", FinisherBase), Props: []Prop{
			Cells("phandle", b.finisherHandle()),
			reg(FinisherBase, FinisherSize),
			Texts("compatible", "sifive,test1", "sifive,test0", "syscon"),
		}},
	)
	for slot := b.Virtio - 1; slot >= 0; slot-- {
		base := VirtioBase + slot*VirtioStride
		soc.Children = append(soc.Children, &Node{Name: unit("virtio_mmio", base), Props: []Prop{
			Cells("interrupts", uint32(VirtioIRQ+slot)),
			Cells("interrupt-parent", b.plicHandle()),
			reg(uint64(base), VirtioStride),
			Texts("compatible", "virtio,mmio"),
		}})
	}
	soc.Children = append(soc.Children,
		&Node{Name: unit("plic", PLICBase), Props: []Prop{
			Cells("phandle", b.plicHandle()),
			Cells("riscv,ndev", PLICSources),
			reg(PLICBase, PLICSize),
			b.wires(irqExtM, irqExtS),
			Flag("interrupt-controller"),
			Texts("compatible", "sifive,plic-1.0.0", "riscv,plic0"),
			Cells("#address-cells", 0),
			Cells("#interrupt-cells", 1),
		}},
		&Node{Name: unit("clint", CLINTBase), Props: []Prop{
			b.wires(irqSoftM, irqTimeM),
			reg(CLINTBase, CLINTSize),
			Texts("compatible", "sifive,clint0", "riscv,clint0"),
		}},
	)
	return soc
}

// wires lists where a controller's outputs go: two interrupts of every hart.
func (b Board) wires(first, second uint32) Prop {
	var cells []uint32
	for hart := range b.Harts {
		cells = append(cells, b.intcHandle(hart), first, b.intcHandle(hart), second)
	}
	return Cells("interrupts-extended", cells...)
}
