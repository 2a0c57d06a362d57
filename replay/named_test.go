package replay

import (
	"errors"
	"testing"

	"reprise/vm"
)

// TestNamed keeps two places under names, comes back to one, and stops at a step
// on the way.
func TestNamed(t *testing.T) {
	path := keysSession(t)
	tl := play(t, path, newHost(nil))
	ctx := t.Context()
	for name, step := range map[string]vm.Step{"late": 200, "early": 100, "gone": 50} {
		if _, err := tl.Seek(ctx, step); err != nil {
			t.Fatal(err)
		}
		if err := tl.SaveAs(name); err != nil {
			t.Fatal(err)
		}
	}
	if !tl.Forget("gone") || tl.Forget("gone") {
		t.Error("a snapshot is not forgotten, or twice")
	}
	if list := tl.Named(); len(list) != 2 || list[0].Name != "early" || list[1].Step != 200 {
		t.Errorf("the snapshots are %v", list)
	}
	if stop, err := tl.LoadNamed(ctx, "early"); err != nil || stop.Step != 100 {
		t.Error(stop, err)
	}
	if _, err := tl.LoadNamed(ctx, "gone"); err == nil {
		t.Error("a snapshot that is forgotten can be loaded")
	}
	if err := tl.SetReplayBreak(100); err == nil {
		t.Error("a step that is here can be stopped at")
	}
	if err := tl.SetReplayBreak(150); err != nil {
		t.Fatal(err)
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Step != 150 || stop.Reason != AtTarget {
		t.Error(stop, err)
	}
	toEnd(t, tl) // it stops once
	none, err := Run(machineOf(t, babbler), testRAM, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, none)
	if err := none.SaveAs("x"); !errors.Is(err, ErrNoHistory) {
		t.Errorf("a machine without history: %v", err)
	}
}
