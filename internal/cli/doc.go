// Package cli is the command line: commands and flags, qemu's spelling of
// options, the assembly of a machine from them, and the wiring of machine,
// recording, character devices, gdb and interface. It may import everything;
// nothing but main imports it.
//
// It decides no behaviour of a machine or of a recording: it turns words into
// values, hands them over, and turns what comes back into output and an exit
// status ([Status]). Errors are one line on stderr.
//
// Everything runs on the goroutine that calls Main, except for the handling of
// signals and what the packages beneath start themselves.
package cli
