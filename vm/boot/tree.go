package boot

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Tree is a device tree (Devicetree Specification 0.4).
type Tree struct {
	Reserved []Reservation
	Root     *Node
	BootHart uint32 // boot_cpuid_phys
}

// Reservation is an entry of the memory reservation block. Size is not 0.
type Reservation struct{ Addr, Size uint64 }

// Node is a node of a device tree. Order is kept: properties, then children.
type Node struct {
	Name     string // with its unit address; empty for the root
	Props    []Prop
	Children []*Node
}

// Prop is a property: a name and its bytes, big-endian where they are numbers.
type Prop struct {
	Name  string
	Value []byte

	offset int // of Value in the blob it was parsed from
}

// Cells makes a property of 32-bit numbers.
func Cells(name string, cells ...uint32) Prop {
	var value []byte
	for _, c := range cells {
		value = binary.BigEndian.AppendUint32(value, c)
	}
	return Prop{Name: name, Value: value}
}

// Pairs makes a property of 64-bit numbers, two cells each.
func Pairs(name string, values ...uint64) Prop {
	var value []byte
	for _, v := range values {
		value = binary.BigEndian.AppendUint64(value, v)
	}
	return Prop{Name: name, Value: value}
}

// Texts makes a property of strings, each ended by a zero byte. None of them
// may contain one.
func Texts(name string, texts ...string) Prop {
	var value []byte
	for _, t := range texts {
		value = append(append(value, t...), 0)
	}
	return Prop{Name: name, Value: value}
}

// Flag makes a property without a value, which is true by being there.
func Flag(name string) Prop { return Prop{Name: name} }

// Prop returns the property of that name, or nil.
func (n *Node) Prop(name string) *Prop {
	for i := range n.Props {
		if n.Props[i].Name == name {
			return &n.Props[i]
		}
	}
	return nil
}

// Set replaces the property of the same name in its place, or puts a new one
// first, which is where libfdt puts it.
func (n *Node) Set(p Prop) {
	if old := n.Prop(p.Name); old != nil {
		*old = p
		return
	}
	n.Props = slices.Insert(n.Props, 0, p)
}

// Child returns the child of that name, unit address included, or nil.
func (n *Node) Child(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Find returns the node at a path such as "/soc/serial@10000000", or nil.
func (t *Tree) Find(path string) *Node {
	n := t.Root
	for _, name := range strings.Split(strings.Trim(path, "/"), "/") {
		if name == "" {
			continue
		}
		if n = n.Child(name); n == nil {
			return nil
		}
	}
	return n
}

// String prints the tree as source, in the manner of dtc.
func (t *Tree) String() string {
	var b strings.Builder
	b.WriteString("/dts-v1/;\n\n")
	for _, r := range t.Reserved {
		fmt.Fprintf(&b, "/memreserve/\t0x%x 0x%x;\n", r.Addr, r.Size)
	}
	t.Root.print(&b, "")
	return b.String()
}

func (n *Node) print(b *strings.Builder, indent string) {
	name := n.Name
	if name == "" {
		name = "/"
	}
	fmt.Fprintf(b, "%s%s {\n", indent, name)
	for _, p := range n.Props {
		fmt.Fprintf(b, "%s\t%s;\n", indent, p)
	}
	for i, c := range n.Children {
		if i > 0 || len(n.Props) > 0 {
			b.WriteByte('\n')
		}
		c.print(b, indent+"\t")
	}
	fmt.Fprintf(b, "%s};\n", indent)
}

// String prints the property as source. Whether bytes are text, cells or
// neither is a guess, since the format does not say.
func (p Prop) String() string {
	switch {
	case len(p.Value) == 0:
		return p.Name
	case isText(p.Value):
		texts := strings.Split(string(p.Value[:len(p.Value)-1]), "\x00")
		for i, t := range texts {
			texts[i] = fmt.Sprintf("%q", t)
		}
		return p.Name + " = " + strings.Join(texts, ", ")
	case len(p.Value)%4 == 0:
		cells := make([]string, len(p.Value)/4)
		for i := range cells {
			cells[i] = fmt.Sprintf("0x%02x", binary.BigEndian.Uint32(p.Value[4*i:]))
		}
		return p.Name + " = <" + strings.Join(cells, " ") + ">"
	default:
		return fmt.Sprintf("%s = [% x]", p.Name, p.Value)
	}
}

// isText reports whether the value is one or more printable, non-empty strings,
// each ended by a zero byte.
func isText(value []byte) bool {
	start := true
	for _, c := range value {
		switch {
		case c == 0 && start, c != 0 && (c < ' ' || c > '~'):
			return false
		}
		start = c == 0
	}
	return start
}
