package monitor_test

import (
	"regexp"
	"testing"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// paged is a machine in S-mode with paging on: the benchmark, a while after it
// has begun.
func paged(t *testing.T) monitor.Env {
	t.Helper()
	const memory = 64 << 20
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: 1, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "bench.elf", Data: assets.Bench()},
	})
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Run(vm.Config{Harts: 1, ISA: riscv.ISAAll, Segments: plan.Segments}, memory, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := debuginfo.Load("bench.elf", assets.Bench())
	if err != nil {
		t.Fatal(err)
	}
	d := replay.NewDebugger("bench", tl)
	t.Cleanup(func() { _ = d.Close() })
	e := monitor.Env{Session: monitor.Of(d), Symbols: symbols, Holder: "monitor", Hart: -1}
	run(t, e, "s 3000000")
	return e
}

func TestTranslate(t *testing.T) {
	e := paged(t)
	for _, c := range []struct{ line, want string }{
		{"translate $pc", `^0x[0-9a-f]{16} <\w+(\+0x[0-9a-f]+)?> on hart 0: mode S, sv39, satp 8[0-9a-f]{15}
level  at                entry             flags     leads to
2      [0-9a-f]{16}  [0-9a-f]{16}  -------V  table at 0x8[0-9a-f]+
1      [0-9a-f]{16}  [0-9a-f]{16}  -------V  table at 0x8[0-9a-f]+
0      [0-9a-f]{16}  [0-9a-f]{16}  .A..X.RV  page of 4 KiB at 0x8[0-9a-f]+
physical 0x00000000[0-9a-f]{8}, load: allowed, store: page fault, fetch: allowed$`},
		{"gva2gpa $sp-8", `(?s)-W?RV  page of .*, load: allowed, store: allowed, fetch: page fault$`},
		{"translate 0x3000000000", `(?s)  --------  nothing\nnot mapped, load: page fault, store: page fault, fetch: page fault$`},
		{"translate 0x4000000000", `^0x0000004000000000 on hart 0: mode S, sv39, satp 8[0-9a-f]{15}\nnot mapped, load: page fault`},
	} {
		if got := run(t, e, c.line); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s printed\n%s\nwant\n%s", c.line, got, c.want)
		}
	}
	toy, _ := replayed()
	if got := run(t, toy, "translate $pc"); !regexp.MustCompile(`mode M, bare\nphysical 0x0000000080000000, load: allowed`).MatchString(got) {
		t.Errorf("without paging: %s", got)
	}
	for _, line := range []string{"translate", "translate nowhere"} {
		if out, err := monitor.Run(t.Context(), e, line); err == nil {
			t.Errorf("%s printed %q", line, out)
		}
	}
}
