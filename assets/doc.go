// Package assets embeds the guests that Reprise brings along: bare-metal
// programs for the board, as ELF files with symbols and DWARF, built from the C
// and assembly beside them.
//
// `go generate ./assets` rebuilds the files in elf/ with riscv64-unknown-elf-gcc
// (Debian package gcc-riscv64-unknown-elf); a test holds them against their
// sources. The package knows nothing of the machine that runs them.
//
// Its functions may be called from any goroutine; each call returns bytes of
// the caller's own.
package assets

//go:generate make --no-print-directory all
