package boot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The flattened format, version 17 (Devicetree Specification 0.4, chapter 5).
const (
	fdtMagic       = 0xd00dfeed
	fdtVersion     = 17
	fdtCompatible  = 16
	fdtHeaderSize  = 40
	fdtReserveSize = 16

	fdtBeginNode = 1
	fdtEndNode   = 2
	fdtProp      = 3
	fdtNop       = 4
	fdtEnd       = 9

	// The specification allows names of 31 bytes, and real trees have longer
	// ones. The limits keep a hostile blob from costing more than it weighs.
	fdtMaxName  = 255
	fdtMaxDepth = 64
)

// ErrTree is wrapped by every error of [ParseTree].
var ErrTree = errors.New("not a usable device tree")

// Encode flattens the tree: header, reservations, structure, strings, without
// gaps at the end. The same tree always gives the same bytes.
func (t *Tree) Encode() []byte {
	var w treeWriter
	w.node(t.Root)
	w.word(fdtEnd)

	reserved := fdtReserveSize * (len(t.Reserved) + 1)
	structure := fdtHeaderSize + reserved
	strings := structure + len(w.structure)
	var blob []byte
	for _, field := range [...]int{
		fdtMagic, strings + len(w.strings), structure, strings, fdtHeaderSize,
		fdtVersion, fdtCompatible, int(t.BootHart), len(w.strings), len(w.structure),
	} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(field))
	}
	for _, r := range t.Reserved {
		blob = binary.BigEndian.AppendUint64(blob, r.Addr)
		blob = binary.BigEndian.AppendUint64(blob, r.Size)
	}
	blob = append(blob, make([]byte, fdtReserveSize)...)
	blob = append(blob, w.structure...)
	return append(blob, w.strings...)
}

type treeWriter struct {
	structure []byte
	strings   []byte
	names     map[string]uint32 // offsets in strings
}

func (w *treeWriter) word(v uint32) {
	w.structure = binary.BigEndian.AppendUint32(w.structure, v)
}

func (w *treeWriter) pad() {
	for len(w.structure)%4 != 0 {
		w.structure = append(w.structure, 0)
	}
}

func (w *treeWriter) node(n *Node) {
	w.word(fdtBeginNode)
	w.structure = append(append(w.structure, n.Name...), 0)
	w.pad()
	for _, p := range n.Props {
		w.word(fdtProp)
		w.word(uint32(len(p.Value)))
		w.word(w.name(p.Name))
		w.structure = append(w.structure, p.Value...)
		w.pad()
	}
	for _, c := range n.Children {
		w.node(c)
	}
	w.word(fdtEndNode)
}

func (w *treeWriter) name(name string) uint32 {
	if offset, ok := w.names[name]; ok {
		return offset
	}
	if w.names == nil {
		w.names = map[string]uint32{}
	}
	offset := uint32(len(w.strings))
	w.strings = append(append(w.strings, name...), 0)
	w.names[name] = offset
	return offset
}

// ParseTree reads a flattened device tree. Property values alias the blob,
// which may be longer than the tree. Errors wrap [ErrTree].
func ParseTree(blob []byte) (*Tree, error) {
	r, err := newTreeReader(blob)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTree, err)
	}
	t := &Tree{BootHart: r.bootHart}
	if t.Reserved, err = r.reservations(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTree, err)
	}
	if t.Root, err = r.root(); err != nil {
		return nil, fmt.Errorf("%w: at byte %d: %w", ErrTree, r.at, err)
	}
	return t, nil
}

// treeReader walks the structure block.
type treeReader struct {
	blob     []byte // the whole tree
	at, end  int    // the rest of the structure block in blob
	strings  string
	reserved int // where the reservations begin in blob
	bootHart uint32
}

func newTreeReader(blob []byte) (*treeReader, error) {
	if len(blob) < fdtHeaderSize {
		return nil, fmt.Errorf("a header has %d bytes, the file has %d", fdtHeaderSize, len(blob))
	}
	field := func(i int) uint64 { return uint64(binary.BigEndian.Uint32(blob[4*i:])) }
	if field(0) != fdtMagic {
		return nil, fmt.Errorf("it begins with 0x%08x, not 0x%08x: compile the source with dtc", field(0), fdtMagic)
	}
	total, version, compatible := field(1), field(5), field(6)
	if version < fdtVersion || compatible > fdtVersion {
		return nil, fmt.Errorf("it has version %d, not %d: compile it again with dtc", version, fdtVersion)
	}
	if total < fdtHeaderSize || total > uint64(len(blob)) {
		return nil, fmt.Errorf("its header says %d bytes, the file has %d", total, len(blob))
	}
	structure, structureSize := field(2), field(9)
	strings, stringsSize := field(3), field(8)
	if structure%4 != 0 || structure+structureSize > total || strings+stringsSize > total || field(4) > total {
		return nil, errors.New("a block goes past its end")
	}
	return &treeReader{
		blob: blob[:total], at: int(structure), end: int(structure + structureSize),
		strings:  string(blob[strings : strings+stringsSize]),
		reserved: int(field(4)), bootHart: uint32(field(7)),
	}, nil
}

func (r *treeReader) reservations() ([]Reservation, error) {
	var list []Reservation
	for at := r.reserved; ; at += fdtReserveSize {
		if len(r.blob)-at < fdtReserveSize {
			return nil, errors.New("the memory reservations have no end")
		}
		entry := Reservation{
			Addr: binary.BigEndian.Uint64(r.blob[at:]),
			Size: binary.BigEndian.Uint64(r.blob[at+8:]),
		}
		if entry.Size == 0 {
			return list, nil
		}
		list = append(list, entry)
	}
}

// take returns the next n bytes and steps over them and their padding.
func (r *treeReader) take(n uint32) ([]byte, error) {
	if uint64(n) > uint64(r.end-r.at) {
		return nil, fmt.Errorf("%d bytes wanted, %d left", n, r.end-r.at)
	}
	b := r.blob[r.at : r.at+int(n) : r.at+int(n)]
	r.at = min(r.at+int(n+3)&^3, r.end)
	return b, nil
}

func (r *treeReader) word() (uint32, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

// token returns the next token that means something.
func (r *treeReader) token() (uint32, error) {
	for {
		if t, err := r.word(); err != nil || t != fdtNop {
			return t, err
		}
	}
}

func (r *treeReader) root() (*Node, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	if t != fdtBeginNode {
		return nil, fmt.Errorf("token %d where the root node begins", t)
	}
	root, err := r.node(0)
	if err != nil {
		return nil, err
	}
	if root.Name != "" {
		return nil, fmt.Errorf("the root node has the name %q", root.Name)
	}
	if t, err = r.token(); err != nil {
		return nil, err
	}
	if t != fdtEnd {
		return nil, fmt.Errorf("token %d after the root node", t)
	}
	return root, nil
}

// node reads a node from its name to its end.
func (r *treeReader) node(depth int) (*Node, error) {
	if depth == fdtMaxDepth {
		return nil, fmt.Errorf("nodes nest deeper than %d", fdtMaxDepth)
	}
	rest := r.blob[r.at:r.end]
	length := bytes.IndexByte(rest[:min(len(rest), fdtMaxName+1)], 0)
	if length < 0 {
		return nil, fmt.Errorf("a node's name has more than %d bytes, or no end", fdtMaxName)
	}
	n := &Node{Name: string(rest[:length])}
	if _, err := r.take(uint32(length + 1)); err != nil {
		return nil, err
	}
	for {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		switch t {
		case fdtEndNode:
			return n, nil
		case fdtProp:
			p, err := r.prop()
			if err != nil {
				return nil, err
			}
			n.Props = append(n.Props, p)
		case fdtBeginNode:
			c, err := r.node(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Children = append(n.Children, c)
		default:
			return nil, fmt.Errorf("token %d in node %q", t, n.Name)
		}
	}
}

func (r *treeReader) prop() (Prop, error) {
	size, err := r.word()
	if err != nil {
		return Prop{}, err
	}
	nameAt, err := r.word()
	if err != nil {
		return Prop{}, err
	}
	p := Prop{offset: r.at}
	if p.Value, err = r.take(size); err != nil {
		return Prop{}, err
	}
	if uint64(nameAt) >= uint64(len(r.strings)) {
		return Prop{}, fmt.Errorf("a property's name is at %d of %d bytes of strings", nameAt, len(r.strings))
	}
	rest := r.strings[nameAt:]
	for i := 0; i < min(len(rest), fdtMaxName+1); i++ {
		if rest[i] == 0 {
			p.Name = rest[:i]
			return p, nil
		}
	}
	return Prop{}, fmt.Errorf("a property's name has more than %d bytes, or no end", fdtMaxName)
}
