package gdbstub

import (
	"errors"
	"testing"
)

func TestBreakpoints(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, ty)
	ty.called()
	steps := []struct{ packet, answer, called string }{
		{"Z0,80000100,4", "OK", "break(0x80000100,true)"},
		{"Z0,80000100,4", "OK", ""}, // again
		{"Z0,80000100,2", "OK", ""}, // the length means nothing
		{"Z1,80000100,4", "OK", ""}, // the machine has it
		{"z0,80000100,4", "OK", ""}, // the other kind is left
		{"z0,80000100,4", "OK", ""}, // again
		{"z1,80000100,4", "OK", "break(0x80000100,false)"},
		{"z1,80000100,4", "OK", ""},
		{"Z1,80000101,4", "E.no instruction can begin at 0x80000101", "break(0x80000101,true)"},
		{"z1,80000101,4", "OK", ""}, // it was never set
		{"Z0,80000100", "E.packet not understood", ""},
		{"Z0", "E.packet not understood", ""},
		{"Z,0,4", "E.packet not understood", ""},
		{"Z00,0,4", "E.packet not understood", ""},
		{"Z0,80000100,4;X1,22", "E.packet not understood", ""},
		{"Z2,80000800,8", "", ""}, // this toy has no watchpoints
		{"z4,80000800,8", "", ""},
	}
	for _, step := range steps {
		c.want(step.packet, step.answer)
		if got := ty.called(); got != step.called {
			t.Errorf("%q called %q, want %q", step.packet, got, step.called)
		}
	}
}

func TestWatchpoints(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, watchToy{ty})
	ty.called()
	steps := []struct{ packet, answer, called string }{
		{"Z2,80000808,8", "OK", "watch(0x80000808,8)"},
		{"Z2,80000808,8", "OK", ""},
		{"Z3,80000900,1", "OK", "rwatch(0x80000900,1)"},
		{"Z4,80000902,2", "OK", "awatch(0x80000902,2)"},
		{"z3,80000900,1", "OK", "clear-rwatch(0x80000900,1)"},
		{"Z2,80000808,0", "E.packet not understood", ""},
		{"c", "T05thread:1;watch:80000808;", ""}, // step 0 is the access
		{"c", "T05thread:1;watch:80000808;", ""},
		{"z2,80000808,8", "OK", "clear-watch(0x80000808,8)"},
		{"s", "T05thread:1;", ""},
		{"Z2,80000808,8", "OK", "watch(0x80000808,8)"},
		{"c", "T05thread:1;watch:80000808;", ""}, // step 12 is the next
		{"m80000800,1", "0c", ""},
		{"bc", "T05thread:1;watch:80000808;", ""}, // back to after step 0
		{"m80000800,1", "01", ""},
		{"z4,80000902,2", "OK", "clear-awatch(0x80000902,2)"},
		{"D", "OK", "clear-watch(0x80000808,8) detach"},
	}
	for _, step := range steps {
		c.want(step.packet, step.answer)
		if got := ty.called(); got != step.called {
			t.Errorf("%q called %q, want %q", step.packet, got, step.called)
		}
	}
}

// What cannot be cleared is said, and the rest is cleared all the same.
func TestClearFails(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, sticky{ty})
	c.want("Z0,80000000,4", "OK")
	c.want("Z0,80000004,4", "OK")
	ty.called()
	c.packet("k")
	if err := c.closed(); !errors.Is(err, errSticky) {
		t.Errorf("Serve returned %v", err)
	}
	if got := ty.called(); got != "detach" {
		t.Errorf("calls were %q", got)
	}
}

var errSticky = errors.New("it sticks")

type sticky struct{ *toy }

func (sticky) ClearBreakpoint(uint64) error { return errSticky }
