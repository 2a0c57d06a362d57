// Package gdbstub lets gdb look at a machine and travel in its history, over
// gdb's remote serial protocol ("Remote Protocol", an appendix of the gdb
// manual, whose section names are quoted in the code).
//
// It owns the conversation: framing, packets, what one gdb has set and what it
// knows. The machine is behind [Target], declared here; the package must not
// know recordings, sessions, sockets or devices, and imports nothing of this
// project but the type of a step. [Serve] serves one connection on the
// goroutine of its caller. It calls one method of the target at a time, never
// two at once; a target may be shared with others if it guards itself. There
// are two halves: frame.go and link.go know bytes and no machine, the rest
// knows no framing.
//
// # Glossary
//
//	packet      $payload#checksum, sent by either side, answered by + or -
//	thread      a hart: hart n is thread n+1, as 0 and -1 mean any and all
//	stop reply  why the machine stopped (T), or that it is gone (W)
//	general     the hart that g, p, m and their like are about (Hg)
//	control     the hart that s and bs step (Hc); vCont names its own
//	point       a breakpoint or watchpoint as Z names it
//	generation  a number of the target that changes with every movement
//	known       the generation of the place whose registers gdb holds
//
// # Packets
//
//	g G p P              registers: x0 to pc by g, all others one by one
//	m M x X              memory at virtual addresses of the general hart
//	qqemu.PhyMemMode     whether they are physical ones, as qemu's stub has it; Q sets it
//	qSearch:memory       look for bytes
//	Z0 Z1 z0 z1          breakpoints: one thing to the machine, memory is never patched;
//	                     with conditions, if the target is [Conditional]
//	Z2 Z3 Z4 z2 z3 z4    watchpoints, if the target is a [Watcher]
//	vCont c C s S bc bs  run, forwards and backwards, by ranges too; signals mean nothing
//	! R vRun             go to the start of history, if the target is a [Restarter]
//	?                    the last stop reply once more
//	H T qC qfThreadInfo qsThreadInfo qThreadExtraInfo
//	qSupported QStartNoAckMode qAttached
//	qXfer                features:read threads:read memory-map:read
//	qRcmd                a line of the monitor; its output comes as O packets while it works
//	D k vKill            goodbye
//	byte 3               interrupt, answered by the stop reply of the run
//
// Everything else gets the empty answer, by which gdb knows that it is not
// supported. Errors are E.text where gdb has always taken a text; to m and p a
// text goes only if gdb announced error-message, else E01.
//
// The description of the target has core, fpu and csr registers, the privilege
// mode, and the OS ABI "none". Without that last line a gdb built for Linux
// steps by a breakpoint at the next pc it guesses, and so runs through every
// trap handler.
//
// # Deviations, and things to know
//
//   - Kill ends the connection, as detach does; in extended mode it does
//     nothing. The recording and the machine are not gdb's to kill.
//   - The memory map covers the whole address space, because gdb refuses what a
//     map leaves out and virtual addresses may be anywhere.
//   - Range stepping runs on through calls within the range and stops as soon as
//     the hart is outside, so that gdb decides what to do there.
//   - Harts cannot be held still, so scheduler-locking has no effect. A step of
//     thread T runs the machine until T has done one step, and bs goes to before
//     the last step of T. gdb steps off a breakpoint with none inserted: if T is
//     not the next to run, others may pass one meanwhile.
//   - ^C while the machine stands still is ignored: gdb has been told.
//   - Packets that come during a run wait for its end, 15 at most; the 16th, a
//     goodbye or a hang-up interrupts the run.
//   - No packet can tell a stopped gdb that something else has moved the
//     machine. Its next resume is answered at once by a stop with SIGINT at the
//     new place, without a run, unless gdb has meanwhile read the registers of
//     the hart of the last stop again (g, after `maintenance flush
//     register-cache`).
//   - Watchpoints stop before the access, backwards after it, which is what gdb
//     expects of RISC-V: it takes the watchpoint away and goes that step itself.
//   - gdb 13 hangs at its next resume if history ends while it steps off a
//     breakpoint. A step from where gdb has just removed a breakpoint is
//     therefore told of the end by a line on the console and a stop without a
//     signal ("Program stopped"), not by replaylog.
//   - Run-length codes, non-stop mode, multiple processes, and commands inside
//     Z packets are not offered.
package gdbstub
