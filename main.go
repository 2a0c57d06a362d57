// Reprise is a time-travel debugger for whole RISC-V machines: it records a
// live session, replays it exactly, and lets you walk through it in both
// directions, in a terminal or from gdb.
package main

import (
	"os"

	"reprise/internal/cli"
)

func main() { os.Exit(cli.Main()) }
