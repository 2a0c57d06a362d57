// Package qemulog reads the event logs of QEMU's record/replay, to show and to
// count what they hold. Two versions of the format are known: 0xe02003, the
// first with character devices, and 0xe0200c, which QEMU writes since 7.1.
//
// A log is big-endian: a version, a reserved word, then events of a byte each
// and what belongs to it. It names no machine, so nothing can be replayed from
// it. The package knows no machine and no recording of ours.
//
// All its values may be used from several goroutines.
package qemulog
