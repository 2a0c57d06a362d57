// Package riscv is a RISC-V hart: RV64IMAFDC with Zba, Zbb, Zbc, Zbs and Zfh, the
// privileged modes M, S and U, Sstc, Svinval, paging by Sv39, Sv48 and Sv57, and
// physical memory protection.
//
// One table describes every instruction: how it is recognised, what it is
// called and how it prints. Execution works on blocks of predecoded operations
// (exec.go); what the fast loop cannot do it leaves to the slow paths, which
// are written for exactness. Decoded blocks and translations are caches that a
// guest cannot observe: a page of [RAM] that holds code or live page-table
// entries carries a flag, a flagged page has no fast path, and the slow path
// drops what a store makes stale.
//
// The package knows no device and no host. It reaches the board through the
// [Board] interface. A hart, its RAM and its board belong to one goroutine.
package riscv
