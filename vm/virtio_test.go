package vm_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
	"reprise/vm"
	"reprise/vm/state"
)

// extImage makes an ext4 file system of 4 MiB with a file in it.
func extImage(t testing.TB, content string) []byte {
	t.Helper()
	dir := t.TempDir()
	root, image := filepath.Join(dir, "root"), filepath.Join(dir, "image")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "hello.txt"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(guests.Tool(t, "mkfs.ext4", "e2fsprogs"), "-q", "-d", root, image, "4M").CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v\n%s", err, out)
	}
	data, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestUBootReadsDisk lets U-Boot look at a file system, and write to a disk,
// through both versions of the transport. In the middle the machine is saved,
// and restored into another, which goes on in the same way.
func TestUBootReadsDisk(t *testing.T) {
	const text = "what the disk has to say"
	image := extImage(t, text)
	for _, legacy := range []bool{false, true} {
		t.Run(fmt.Sprintf("legacy=%v", legacy), func(t *testing.T) {
			const memory = 64 << 20
			original := bytes.Clone(image)
			m, c := newUBootWith(t, memory, func(config *vm.Config) {
				config.VirtioLegacy = legacy
				config.Virtio[7] = vm.Virtio{Kind: vm.VirtioBlock, Image: bytes.NewReader(image), Size: uint64(len(image)), Serial: "x0"}
				config.Virtio[6] = vm.Virtio{Kind: vm.VirtioRNG}
			})
			toPrompt(t, m, c)
			for _, step := range [][2]string{
				{"virtio info", "Capacity: 4.0 MB"},
				{"ls virtio 0", "hello.txt"},
				{"load virtio 0 81000000 hello.txt", fmt.Sprintf("%d bytes read", len(text))},
				{"md.b 81000000 18", "what the disk ha"},
				{"virtio read 81000000 1ffe 4", "ERROR"},
				{"mw.b 82000000 5a 400; virtio write 82000000 1ffe 2", "2 blocks written: OK"},
			} {
				if out := command(t, m, c, step[0]); !strings.Contains(out, step[1]) {
					t.Fatalf("%s: %q, want %q", step[0], out, step[1])
				}
			}
			if !bytes.Equal(image, original) {
				t.Error("the image was written to")
			}
			other, oc := restored(t, m, memory)
			if d := m.Digest().Difference(other.Digest()); d != "" {
				t.Fatalf("restored: %s differs", d)
			}
			const back = "mw.b 81000000 0 600; virtio read 81000000 1ffd 3; md.b 810001f0 20"
			for _, run := range []struct {
				m *vm.Machine
				c *console
			}{{m, c}, {other, oc}} {
				if out := command(t, run.m, run.c, back); !strings.Contains(out, "5a 5a 5a") {
					t.Errorf("reading back what was written: %q", out)
				}
			}
			if d := m.Digest().Difference(other.Digest()); d != "" {
				t.Errorf("gone on: %s differs", d)
			}
			// A machine that lacks what was written to its disk is another.
			other.SetDiskStates(make([]vm.DiskState, 1))
			if d := m.Digest().Difference(other.Digest()); d != "disk7" {
				t.Errorf("without what was written, the digest names %q", d)
			}
		})
	}
}

// restored is another machine in the state of m, with a console of its own.
func restored(t testing.TB, m *vm.Machine, memory int) (*vm.Machine, *console) {
	t.Helper()
	c := &console{until: "=> "}
	other, err := vm.New(m.Config(), make([]byte, memory), c)
	if err != nil {
		t.Fatal(err)
	}
	c.machine = other
	for n := range m.RAM().Pages() {
		other.RAM().SetPage(n, m.RAM().Page(n))
	}
	other.SetDiskStates(m.DiskStates())
	if err := other.Load(m.Save(nil), state.Schema); err != nil {
		t.Fatal(err)
	}
	return other, c
}
