// Package boot prepares what a machine finds in its memory at power-on: ELF
// and flat images, the flattened device tree, the reset vector in the mask ROM,
// and the place of each. The reference is the virt board of
// qemu-system-riscv64 7.2, so that a guest which boots there boots here.
//
// It knows nothing of harts, devices or files: the caller reads the files and
// writes the segments of a [Plan]. Every image may be hostile; what comes back
// is an error, never a panic, and no allocation exceeds what the size of the
// input justifies.
//
// All functions are pure. Values are safe for concurrent reading; nobody may
// change the bytes that were handed in, since images alias them.
package boot
