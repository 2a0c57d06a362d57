package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Version is the version of the file format that this package writes, and the
// only one it reads.
const Version = 1

// Hash is the SHA-256 of a blob's content.
type Hash [sha256.Size]byte

// Sum is the hash by which data is known as a blob.
func Sum(data []byte) Hash { return sha256.Sum256(data) }

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether there is no hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a SHA-256 of %d digits where 64 are expected", len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Manifest says what was recorded: everything that the guest can see of its
// machine, and where the content of its memory came from. Model and Schema are
// compared by the session, not here.
type Manifest struct {
	Format     int           `json:"format"`  // file format version; Create fills it in
	Model      int           `json:"model"`   // version of the machine's behaviour
	Schema     int           `json:"schema"`  // version of the set of state fields (state.Schema)
	Reprise    string        `json:"reprise"` // version of the program that recorded
	Name       string        `json:"name"`    // what the recording is called, for people
	Created    time.Time     `json:"created"`
	Machine    MachineConfig `json:"machine"`
	Memory     []Segment     `json:"memory"` // written at power-on and at every reset
	Images     []Image       `json:"images"`
	DeviceTree Hash          `json:"device_tree,omitzero"` // blob: the finished device tree
	Parent     *Parent       `json:"parent,omitempty"`     // reserved for branches
}

// MachineConfig is the machine's configuration.
type MachineConfig struct {
	Board       string       `json:"board"`                  // such as "virt"
	ISA         string       `json:"isa"`                    // such as "rv64imafdc_zicsr_zifencei"
	CPU         string       `json:"cpu,omitempty"`          // the option it came from
	RAM         uint64       `json:"ram"`                    // bytes
	Harts       int          `json:"harts"`                  //
	Quantum     uint64       `json:"quantum"`                // steps a hart's turn lasts
	Seed        uint64       `json:"seed"`                   // what entropy and chaos follow from
	Chaos       bool         `json:"chaos,omitempty"`        // turns and timers varied
	Shift       uint         `json:"shift"`                  // virtual ns per step, as a power of two
	Sleep       bool         `json:"sleep"`                  // an idle wait lasted real time
	NoReboot    bool         `json:"no_reboot,omitempty"`    // a reset ends the machine
	SeedAddress uint64       `json:"seed_address,omitempty"` // where entropy for the guest is put, physical
	CommandLine string       `json:"command_line,omitempty"` // given to the guest's kernel
	Semihosting *Semihosting `json:"semihosting,omitempty"`  // what the guest may ask of its host; nil for nothing
	Devices     []Device     `json:"devices"`
	CharDevices []CharDevice `json:"char_devices"`

	Virtio       []VirtioDevice `json:"virtio,omitempty"`        // what is in the virtio slots
	VirtioLegacy bool           `json:"virtio_legacy,omitempty"` // they have the legacy interface
}

// VirtioDevice is a device in a virtio slot.
type VirtioDevice struct {
	Slot int    `json:"slot"`
	Type string `json:"type"`         // in QEMU's words, such as "virtio-blk-device"
	Name string `json:"name"`         // for people, such as "disk7"
	ID   uint8  `json:"id,omitempty"` // of the character device, or that by which events refer to a network card

	Image    Hash   `json:"image,omitzero"` // of a disk: one of the images
	Size     uint64 `json:"size,omitempty"` // of a disk, in bytes
	ReadOnly bool   `json:"read_only,omitempty"`
	Serial   string `json:"serial,omitempty"`

	MAC     string `json:"mac,omitempty"`     // of a network card
	Backend string `json:"backend,omitempty"` // of a network card, as given; a replay has none
}

// Semihosting is how a guest's requests to its host are answered.
type Semihosting struct {
	User        bool   `json:"user"`         // U-mode may ask, too
	CommandLine string `json:"command_line"` // of the program
}

// Device is a device of the machine.
type Device struct {
	ID      uint8  `json:"id"`
	Name    string `json:"name"`          // such as "uart0"
	Type    string `json:"type"`          // such as "uart16550"
	Address uint64 `json:"address"`       // physical
	IRQ     int    `json:"irq,omitempty"` // PLIC source, 0 for none
}

// CharDevice is a character device, by whose ID events refer to it.
type CharDevice struct {
	ID      uint8  `json:"id"`
	Name    string `json:"name"`    // such as "serial0"
	Backend string `json:"backend"` // as given; another may be chosen for replay
}

// Segment is a piece of memory as the machine starts with it. What the blob
// does not cover of it is zero.
type Segment struct {
	Name    string `json:"name"` // for people
	Address uint64 `json:"address"`
	Size    uint64 `json:"size"` // bytes
	Blob    Hash   `json:"blob,omitzero"`
}

// Image is a file that the machine started with, kept for its symbols and for
// people; its content in memory is in the segments.
type Image struct {
	Role     string    `json:"role"`    // such as "bios", "kernel", "initrd", "disk"
	File     string    `json:"file"`    // the name it had, for people; of an outside image, where it is
	Address  uint64    `json:"address"` // where it was loaded, physical; 0 if not loaded
	SHA256   Hash      `json:"sha256"`
	Size     uint64    `json:"size"`              // bytes
	Outside  bool      `json:"outside,omitempty"` // not kept in the recording
	Modified time.Time `json:"modified,omitzero"` // of an outside image's file
}

// Parent is where a branch left another recording. Reserved.
type Parent struct {
	Recording Hash `json:"recording"`
	Step      Step `json:"step"`
}

// blobs lists the blobs that must be in the file for the recording to be one.
func (m *Manifest) blobs() []Hash {
	var list []Hash
	for _, image := range m.Images {
		if !image.Outside {
			list = append(list, image.SHA256)
		}
	}
	for _, segment := range m.Memory {
		if !segment.Blob.IsZero() {
			list = append(list, segment.Blob)
		}
	}
	if !m.DeviceTree.IsZero() {
		list = append(list, m.DeviceTree)
	}
	return list
}
