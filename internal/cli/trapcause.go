package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reprise/replay/recording"
	"reprise/vm/riscv"
)

// trapCause is why a hart leaves what it does: a cause of mcause or scause.
type trapCause struct {
	interrupt bool
	number    uint64
}

// specNames are the causes in the words of the privileged ISA (table 3.6), by
// their numbers. qemu's are shorter; both are understood.
var specNames = [2][]string{
	{
		"instruction address misaligned", "instruction access fault", "illegal instruction", "breakpoint",
		"load address misaligned", "load access fault", "store/amo address misaligned", "store/amo access fault",
		"environment call from u-mode", "environment call from s-mode", "", "environment call from m-mode",
		"instruction page fault", "load page fault", "", "store/amo page fault",
	},
	{
		1: "supervisor software interrupt", 3: "machine software interrupt", 5: "supervisor timer interrupt",
		7: "machine timer interrupt", 9: "supervisor external interrupt", 11: "machine external interrupt",
	},
}

// parseTrapCause reads a number, irq and a number, or a name in qemu's words or
// the specification's, whatever stands between its words.
func parseTrapCause(text string) (trapCause, error) {
	word := plainWord(text)
	if n, err := strconv.ParseUint(word, 0, 6); err == nil {
		return trapCause{false, n}, nil
	}
	if number, ok := strings.CutPrefix(word, "irq"); ok {
		if n, err := strconv.ParseUint(number, 10, 6); err == nil {
			return trapCause{true, n}, nil
		}
	}
	var known []string
	for i, names := range specNames {
		for number, name := range names {
			if name == "" {
				continue
			}
			c := trapCause{i == 1, uint64(number)}
			if word == c.name() || word == plainWord(name) {
				return c, nil
			}
			known = append(known, c.name())
		}
	}
	slices.Sort(known)
	return trapCause{}, fmt.Errorf("there is no cause of that name%s: there are the numbers of exceptions, irqN for interrupts, and %s",
		didYouMean(word, known), strings.Join(known, ", "))
}

// plainWord is a name with its words joined as qemu does.
func plainWord(text string) string {
	return strings.NewReplacer(" ", "_", "-", "_", "/", "_").Replace(strings.ToLower(strings.TrimSpace(text)))
}

// name is qemu's.
func (c trapCause) name() string { return riscv.CauseName(c.number, c.interrupt) }

// String describes the cause.
func (c trapCause) String() string {
	if c.interrupt {
		return fmt.Sprintf("interrupt %d (%s)", c.number, c.name())
	}
	return fmt.Sprintf("exception %d (%s)", c.number, c.name())
}

// is reports whether an event is a trap of this cause.
func (c trapCause) is(e recording.Event) bool {
	return e.Cause == c.number && e.Kind.IsCrossCheck() && c.interrupt == (e.Kind == recording.Interrupt)
}
