package monitor

import (
	"context"
	"fmt"
	"strings"

	"reprise/vm/riscv"
)

func translate(_ context.Context, env Env, args []string) (text string, err error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: translate ADDRESS, such as translate $pc")
	}
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		hart := m.Hart(env.hart(m))
		var addr uint64
		if addr, err = ParseAddress(args[0], hart, env.Symbols); err == nil {
			text = walkText(env, hart, addr)
		}
	})
	return text, err
}

// walkText is a walk as a table of its levels, from the root down.
func walkText(env Env, hart *riscv.Hart, addr uint64) string {
	walk := hart.PeekWalk(addr)
	var b strings.Builder
	fmt.Fprintf(&b, "%s on hart %d: mode %v, %s", place(env, addr), hart.ID(), hart.Mode(), walk.Scheme)
	if satp, ok := Register(hart, "satp"); ok && walk.Scheme != "bare" {
		fmt.Fprintf(&b, ", satp %016x", satp)
	}
	b.WriteByte('\n')
	if len(walk.Levels) > 0 {
		b.WriteString("level  at                entry             flags     leads to\n")
	}
	for _, l := range walk.Levels {
		fmt.Fprintf(&b, "%-5d  %016x  %016x  %s  %s\n", l.Level, l.At, uint64(l.Entry), l.Entry.Flags(), destination(l))
	}
	if walk.Mapped {
		fmt.Fprintf(&b, "physical 0x%016x", walk.PA)
	} else {
		b.WriteString("not mapped")
	}
	for _, access := range []struct{ name, refusal string }{{"load", walk.Load}, {"store", walk.Store}, {"fetch", walk.Fetch}} {
		if access.refusal == "" {
			access.refusal = "allowed"
		}
		fmt.Fprintf(&b, ", %s: %s", access.name, access.refusal)
	}
	return b.String()
}

// destination says what an entry points to.
func destination(l riscv.WalkLevel) string {
	switch {
	case l.Entry&1 == 0:
		return "nothing"
	case !l.Entry.Leaf():
		return fmt.Sprintf("table at 0x%x", l.Entry.Frame())
	}
	size := [...]string{"4 KiB", "2 MiB", "1 GiB", "512 GiB", "256 TiB"}[l.Level]
	return fmt.Sprintf("page of %s at 0x%x", size, l.Entry.Frame())
}
