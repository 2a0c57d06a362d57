package cli

import (
	"encoding/binary"
	"fmt"
	"strings"

	"reprise/internal/debuginfo"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/riscv"
)

const (
	divergenceEvents       = 5 // shown on each side
	divergenceInstructions = 6 // shown from the program counter on
)

// describeDivergence says in words what a replay did that was not recorded,
// with what was going on there, after that many digests that were good. The
// timeline stands at its step.
func describeDivergence(t *replay.Timeline, d *replay.DivergenceError, digests int, symbols *debuginfo.Symbols) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "diverged at step %v\n", d.Step)
	switch {
	case d.Component != "":
		line("recorded", "a digest of the whole state")
		line("replayed", "a state in which %s differs", d.Component)
	case d.Expected != nil:
		line("recorded", "%v", d.Expected)
	default:
		line("recorded", "no event at this step")
	}
	switch {
	case d.Component != "":
	case d.Met != nil:
		line("replayed", "%v", d.Met)
	default:
		line("replayed", "nothing of that sort: the machine could not, or went past it")
	}
	if digests > 0 {
		line("last good", "the digest at step %v: what differs was done in the %v steps behind it", d.LastGood, d.Step-d.LastGood)
	} else {
		line("last good", "none: no digest was met before this step")
	}
	b.WriteString("events around\n")
	events, err := t.Events(d.Step, divergenceEvents, divergenceEvents)
	if err != nil {
		line("", "%v", err)
	}
	for _, e := range events {
		mark := " "
		if e.Step == d.Step {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %v\n", mark, e)
	}
	writeCode(&b, t, symbols)
	b.WriteString("usual causes\n")
	for _, cause := range usualCauses(d) {
		fmt.Fprintf(&b, "  - %s\n", cause)
	}
	return b.String()
}

// writeCode disassembles what the machine is about to execute.
func writeCode(w *strings.Builder, t *replay.Timeline, symbols *debuginfo.Symbols) {
	hart := t.Machine().Hart(t.Machine().Current())
	pc := hart.PC()
	fmt.Fprintf(w, "code at step %v: hart %d, mode %v, pc 0x%x%s\n", t.Position(), hart.ID(), hart.Mode(), pc, symbolText(symbols, pc))
	for range divergenceInstructions {
		var word [4]byte
		n := hart.PeekMemory(pc, word[:2])
		if n == 2 && word[0]&3 == 3 {
			n += hart.PeekMemory(pc+2, word[2:])
		}
		if n < 2 || word[0]&3 == 3 && n < 4 {
			fmt.Fprintf(w, "  %x: no memory can be read here\n", pc)
			return
		}
		inst := riscv.Decode(binary.LittleEndian.Uint32(word[:]), riscv.ISAAll)
		fmt.Fprintf(w, "  %x: %s\n", pc, inst.Print(pc, symbols.Name))
		pc += uint64(inst.Size)
	}
}

// symbolText is " <symbol>", or nothing.
func symbolText(symbols *debuginfo.Symbols, addr uint64) string {
	if name, ok := symbols.Name(addr); ok {
		return " <" + name + ">"
	}
	return ""
}

// usualCauses are what is most often behind a divergence of its sort.
func usualCauses(d *replay.DivergenceError) []string {
	const (
		build  = "this reprise computes something in another way than the one that recorded, though the machine model has the same number: compare with that version (reprise info says which)"
		edited = "the recording was changed after it was made, in a way that its checksums do not show: record again, or take the original"
		host   = "the host's memory or processor is at fault: verify again, and on another machine"
	)
	switch {
	case d.Component != "" && strings.HasPrefix(d.Component, "ram"):
		return []string{"an image or a blob of memory is not the one that was recorded", build, host}
	case d.Component != "":
		return []string{build, edited, host}
	case d.Expected != nil && comesFromOutside(d.Expected.Kind):
		return []string{"this input cannot be given to the machine at this step: it, or one before it, was moved or changed", edited, build}
	case d.Met != nil && d.Met.Kind == recording.CharWrite:
		return []string{"the guest was given other input, or another image, and prints something else", edited, build}
	}
	return []string{"an input before this step was moved or changed, so that the guest runs another way", build, edited}
}

// comesFromOutside reports whether an event of the kind is done to the machine.
func comesFromOutside(k recording.Kind) bool {
	return k.IsAsync() || k.IsCheckpoint() || k.IsClock() || k == recording.DebugWrite
}
