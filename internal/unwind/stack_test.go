package unwind_test

import (
	"bytes"
	"context"
	"testing"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/internal/unwind"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// demo is the bundled recording with what is known of its program.
func demo(t *testing.T) (*replay.Timeline, *debuginfo.Frames, *debuginfo.Symbols) {
	t.Helper()
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tl.Close(); err != nil {
			t.Error(err)
		}
	})
	frames, err := debuginfo.LoadFrames("demo.elf", assets.Demo())
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := debuginfo.Load("demo.elf", assets.Demo())
	if err != nil {
		t.Fatal(err)
	}
	return tl, frames, symbols
}

// TestWithoutCallFrames finds the stacks of the demo without its call frame
// information, from its code alone, and compares them with those that have it.
// (internal/cli compares those with gdb.)
func TestWithoutCallFrames(t *testing.T) {
	tl, frames, symbols := demo(t)
	ctx := context.Background()
	total, same, traps := 0, 0, 0
	look := func() {
		h := tl.Machine().Hart(0)
		sure := unwind.Stack(h, unwind.Of(h, frames, symbols), unwind.MaxFrames)
		read := unwind.Stack(h, unwind.Of(h, nil, symbols), unwind.MaxFrames)
		for i := range sure {
			total++
			if i >= len(read) || read[i].PC != sure[i].PC {
				name, _ := symbols.Name(h.PC())
				t.Logf("step %v, in %s: frame %d of %d is not found without call frames", tl.Position(), name, i, len(sure))
				break
			}
			same++
			if i > 0 && read[i].How < unwind.Code {
				t.Fatalf("frame %d was found by %v", i, read[i].How)
			}
			if sure[i].Trap {
				traps++
			}
		}
	}
	for n := range vm.Step(100) {
		if _, err := tl.Seek(ctx, tl.Last()/100*n); err != nil {
			t.Fatal(err)
		}
		look()
	}
	entry, ok := symbols.Lookup("trap_entry")
	if !ok {
		t.Fatal("the demo has no trap_entry")
	}
	tl.SetBreakpoint(entry)
	if stop, err := tl.ReverseContinue(ctx); err != nil || stop.Reason != replay.AtBreakpoint {
		t.Fatal(stop, err)
	}
	for range 200 {
		look()
		if _, err := tl.Step(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	if total < 1000 || traps < 100 {
		t.Errorf("only %d frames, %d of them of traps", total, traps)
	}
	if same*100 < total*97 {
		t.Errorf("%d of %d frames are found without call frames", same, total)
	}
}
