// Package monitor is the table of commands that the interface's command line,
// gdb's "monitor" and a monitor on a character device share, in QEMU's words
// where QEMU has one.
//
// Commands are data: name, usage, help and a function that gets an [Env] and
// returns text. The package knows no terminal, no gdb and no file; it reaches
// the machine through the small [Session] interface.
//
// The table never changes. [Run] may be called from any goroutine except the
// one that owns the machine, and waits for the movements that it starts.
package monitor
