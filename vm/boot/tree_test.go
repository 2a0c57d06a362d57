package boot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func sampleTree() *Tree {
	return &Tree{
		Reserved: []Reservation{{Addr: 0x1000, Size: 0x2000}},
		BootHart: 3,
		Root: &Node{
			Props: []Prop{Texts("compatible", "a,b", "c"), Cells("#size-cells", 2)},
			Children: []*Node{
				{Name: "chosen", Props: []Prop{Flag("quiet"), {Name: "odd", Value: []byte{1, 2, 3}}}},
				{Name: "soc", Children: []*Node{{Name: "uart@10", Props: []Prop{Pairs("reg", 0x1_0000_0010, 0x20), Cells("#size-cells", 1)}}}},
			},
		},
	}
}

func TestTreeString(t *testing.T) {
	want := `/dts-v1/;

/memreserve/	0x1000 0x2000;
/ {
	compatible = "a,b", "c";
	#size-cells = <0x02>;

	chosen {
		quiet;
		odd = [01 02 03];
	};

	soc {
		uart@10 {
			reg = <0x01 0x10 0x00 0x20>;
			#size-cells = <0x01>;
		};
	};
};
`
	if got := sampleTree().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTreeRoundTrip(t *testing.T) {
	want := sampleTree()
	blob := want.Encode()
	got, err := ParseTree(append(slices.Clone(blob), "trailing"...))
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() || got.BootHart != 3 {
		t.Errorf("came back as\n%s", got)
	}
	if again := got.Encode(); !bytes.Equal(again, blob) {
		t.Error("encoding what was parsed gives other bytes")
	}
	seed := got.Find("/soc/uart@10").Prop("reg")
	if at := seed.offset; !bytes.Equal(blob[at:at+16], seed.Value) {
		t.Errorf("the offset of a value, %d, is not where it is", at)
	}
	if got.Find("/") != got.Root || got.Find("/soc/none") != nil {
		t.Error("Find is wrong at the root or for a missing node")
	}
}

// TestTreeCompiler lets the reference compiler read what Encode writes, and
// ParseTree read what it compiles.
func TestTreeCompiler(t *testing.T) {
	source := dtc(t, "dtb", "dts", sampleTree().Encode())
	back, err := ParseTree(dtc(t, "dts", "dtb", source))
	if err != nil {
		t.Fatal(err)
	}
	want := sampleTree()
	want.BootHart = 0 // sources do not carry it
	if back.String() != want.String() || back.BootHart != 0 {
		t.Errorf("the compiler made of it\n%s", back)
	}
}

func dtc(t *testing.T, from, to string, input []byte) []byte {
	t.Helper()
	path, err := exec.LookPath("dtc")
	if err != nil {
		t.Fatalf("dtc is missing: install the package device-tree-compiler: %v", err)
	}
	cmd := exec.Command(path, "-q", "-I", from, "-O", to)
	cmd.Stdin = bytes.NewReader(input)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("dtc: %v: %s", err, complaint.String())
	}
	return out
}

func TestNodeSet(t *testing.T) {
	n := &Node{Props: []Prop{Cells("a", 1), Cells("b", 2)}}
	n.Set(Cells("b", 3))
	n.Set(Cells("c", 4))
	want := []Prop{Cells("c", 4), Cells("a", 1), Cells("b", 3)}
	if !reflect.DeepEqual(n.Props, want) {
		t.Errorf("properties are %v, want %v", n.Props, want)
	}
}

func TestParseTreeErrors(t *testing.T) {
	good := sampleTree().Encode()
	with := func(field int, value uint32) []byte {
		b := slices.Clone(good)
		binary.BigEndian.PutUint32(b[4*field:], value)
		return b
	}
	deep := &Node{}
	for range fdtMaxDepth {
		deep = &Node{Name: "n", Children: []*Node{deep}}
	}
	deep.Name = ""
	structure := int(binary.BigEndian.Uint32(good[8:]))
	token := func(at int, value uint32) []byte {
		b := slices.Clone(good)
		binary.BigEndian.PutUint32(b[structure+at:], value)
		return b
	}
	for _, test := range []struct {
		name string
		blob []byte
		want string
	}{
		{"empty", nil, "a header has 40 bytes, the file has 0"},
		{"source", []byte("/dts-v1/; / { model = \"a board of some sort\"; };"), "compile the source with dtc"},
		{"old", with(5, 16), "it has version 16, not 17"},
		{"new", with(6, 18), "it has version 17, not 17"},
		{"cut off", good[:len(good)-1], "its header says"},
		{"total below the header", with(1, 8), "its header says 8 bytes"},
		{"structure outside", with(2, uint32(len(good))+4), "a block goes past its end"},
		{"structure unaligned", with(2, 41), "a block goes past its end"},
		{"strings outside", with(3, 0xffffffff), "a block goes past its end"},
		{"reservations outside", with(4, 0xffffffff), "a block goes past its end"},
		{"reservations without end", with(4, uint32(len(good))-8), "the memory reservations have no end"},
		{"structure cut off", with(9, 20), "bytes wanted"},
		{"no root", token(0, fdtEnd), "where the root node begins"},
		{"root with a name", token(4, 'x'<<24), `the root node has the name "x"`},
		{"unknown token", token(8, 77), "token 77 in node"},
		{"long value", token(12, 0xfffffff0), "bytes wanted"},
		{"name outside", token(16, 0xfffffff0), "a property's name is at"},
		{"deep", (&Tree{Root: deep}).Encode(), "nodes nest deeper than 64"},
		{"long node name", (&Tree{Root: &Node{Children: []*Node{{Name: strings.Repeat("n", 256)}}}}).Encode(), "a node's name has more than 255"},
		{"long property name", (&Tree{Root: &Node{Props: []Prop{Flag(strings.Repeat("n", 256))}}}).Encode(), "a property's name has more than 255"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseTree(test.blob)
			if !errors.Is(err, ErrTree) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// FuzzTree looks for blobs that crash the reader, and for trees that do not
// survive being written and read again.
func FuzzTree(f *testing.F) {
	f.Add(sampleTree().Encode())
	f.Add(VirtTree(Board{Memory: 64 * mib, Harts: 2, ISA: "rv64i", MMU: "riscv,sv39", Virtio: 8}, Chosen{Append: "x"}).Encode())
	f.Fuzz(func(t *testing.T, blob []byte) {
		tree, err := ParseTree(blob)
		if err != nil {
			return
		}
		once := tree.Encode()
		again, err := ParseTree(once)
		if err != nil {
			t.Fatalf("own encoding refused: %v\n%s", err, tree)
		}
		if !bytes.Equal(again.Encode(), once) || again.String() != tree.String() {
			t.Fatalf("changed on the way:\n%s\n%s", tree, again)
		}
	})
}
