// Package device holds the memory-mapped devices of the board, QEMU's -M virt:
// UART 16550A, ACLINT, PLIC, goldfish RTC, test finisher, CFI flash, and virtio
// over MMIO with disks, network cards, consoles and sources of entropy.
//
// A device owns its registers and nothing else. It does not know where it is
// mapped, which machine it is part of, or what lies behind its callbacks; it
// asks for the virtual time, and it announces its lines. Nothing here asks the
// host for anything but through a function given at construction.
//
// Values and faults are those of qemu-system-riscv64 7.2; each device says
// where it differs, and a test compares them with the real one.
//
// Nothing is safe for concurrent use: a device belongs to the goroutine that
// runs its machine, and callbacks are made on it.
package device
