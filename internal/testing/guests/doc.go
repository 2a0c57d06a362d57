// Package guests gives tests the programs that a machine runs: our own guests as
// files, Debian's firmware where its packages put it, the tools that tests run
// beside them, and qemu-system-riscv64 as the reference machine.
//
// What is missing fails the test and names the Debian package. The package knows
// neither our machine nor recordings.
//
// Its functions take the test that asks and belong to that test's goroutine.
package guests
