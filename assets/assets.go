package assets

import (
	"embed"
	"io/fs"
)

// The guests are linked at 0x80000000, the bottom of the board's RAM, and are
// started there in M-mode on hart 0; other harts sleep. They go where firmware
// goes (-bios) and need 16 MiB of RAM.
var (
	//go:embed elf/demo.elf
	demo string
	//go:embed elf/bench.elf
	bench string
	//go:embed elf/calls.elf
	calls string
	//go:embed elf/keys.elf
	keys string
	//go:embed elf/idle.elf
	idle string
	//go:embed elf/semihost.elf
	semihost string
	//go:embed elf/hostile.elf
	hostile string
	//go:embed elf/race.elf
	race string

	//go:embed demo/*.c demo/*.h lib/*.c lib/*.h lib/*.S
	sources embed.FS

	//go:embed demo.reprise
	demoRecording string
)

// Demo returns the demonstration firmware: a shell on the UART, with a bug that
// shows long after it strikes. assets/demo/README.md has the whole story. The
// command off powers the machine off; a crash ends it through the test finisher
// with mcause as the code.
func Demo() []byte { return []byte(demo) }

// Sources returns the source code of the demo, by names such as "demo/jobs.c":
// those that its line tables have behind "assets/".
func Sources() fs.FS { return sources }

// Bench returns the benchmark: compute-bound in S-mode under Sv39, with a
// 100 Hz timer. After about 1.5e9 instructions it prints "integer: N
// instructions, checksum X", after about 3e8 more "float: …" likewise, and
// powers off. A wrong checksum is a failure with code 1.
func Bench() []byte { return []byte(bench) }

// Calls returns a guest whose program in U-mode does little but call its kernel in
// S-mode, and whose kernel then prints 248 KB, a byte at a time. After the first it
// prints "done: N instructions, checksum X", after the second "printed: …"
// likewise, and powers off. A wrong checksum is a failure with code 1.
func Calls() []byte { return []byte(calls) }

// Keys returns a guest that prints "keys: ready" and then each byte received by
// the UART as two hexadecimal digits on a line of its own. In between it sleeps
// in WFI. The bytes "poweroff\r" power it off once they are printed.
func Keys() []byte { return []byte(keys) }

// Idle returns a guest that prints "idle: ready" and then, at each whole second
// of mtime, that second in decimal on a line of its own. In between it sleeps in
// WFI. It never ends.
func Idle() []byte { return []byte(idle) }

// Semihost returns a guest that does all its business by semihosting: it tells
// what its requests were answered with, and then each byte of its input in hex,
// until the byte q, which ends it with the code 42, or the end of the input.
func Semihost() []byte { return []byte(semihost) }

// Hostile returns a guest that prints every escape sequence it can think of, and
// text that is wide, combining, invalid or split. After each chapter it puts the
// terminal in order, as far as it can, and prints "hostile: NAME"; after
// "hostile: done" it powers off.
func Hostile() []byte { return []byte(hostile) }

// Race returns a guest that counts on two harts, and loses a count if a hart's
// turn ends in the wrong place. It prints "race: all counted" and powers off, or
// is a failure with code 1; with code 2 if LR and SC lost a count.
func Race() []byte { return []byte(race) }

// DemoRecording returns a recording of the demo, in which a person types the
// session of assets/demo/README.md until the firmware crashes, within 12 s of
// virtual time. It holds the ELF. scripts/demo records it anew, which a change of
// the machine model, of the recording format or of the demo asks for.
func DemoRecording() []byte { return []byte(demoRecording) }
