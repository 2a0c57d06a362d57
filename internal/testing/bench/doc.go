// Command bench measures Reprise beside qemu-system-riscv64: the same guests in
// the same run, alternating, several rounds, and prints medians and ratios as
// Markdown. `make bench` runs it.
//
// A guest is run by each subject (subject.go) as a process of its own, and what
// its console prints, and when, gives the rows (guest.go). Movements in time are
// measured on the recordings that this leaves behind: inside the engine
// (travel.go), and through the gdb protocol on both machines (reverse.go).
//
// What is missing, a guest or qemu, is left out and named. Nothing here is a
// test: figures in time are read by people.
package main
