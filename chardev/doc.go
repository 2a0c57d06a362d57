// Package chardev holds the host-facing ends of character devices, in QEMU's
// names and syntax: stdio, null, file, pipe, pty, vc, ringbuf, serial, socket, and
// mux, which shares one of them. Bytes go in and bytes
// come out; the package knows no guest, no log and no step, and imports
// nothing else of this project.
//
// A [Backend] moves bytes with goroutines of its own. What it reads goes to
// the [Sink] of its owner, which may block, and then the host side is not
// read. What is written to it goes through a bounded buffer, so that Write
// never blocks. All methods of a Backend may be called from any goroutine,
// but Close not from inside a method of the Sink.
//
// A connection that is a stream of packets rather than a terminal, such as
// gdb's, is had from [Listen].
package chardev
