package ui

import (
	"strings"
	"testing"
)

// TestStackPane goes to the handler of a trap and looks at the frames that it
// interrupted: registers and disassembly are those of the chosen one until the
// machine moves.
func TestStackPane(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.command("seek 90%")
	d.command("b timer_interrupt")
	d.press("c", "8")
	d.shows("[ Stack", "0 timer_interrupt", "1 trap+", "2 trap_entry+", "(trap)", "3 input_byte+", "input.c:", "trap.c:20")
	d.press("down", "down", "down", "enter")
	d.shows("Stack at frame 3", "Registers frame 3", "Disassembly frame 3 input_byte+")
	if frame := d.frame(); strings.Contains(frame, "*a0") {
		t.Errorf("another frame's registers count as changed:\n%s", frame)
	}
	row := d.m.view.stack[3].frame
	if pc := d.m.view.regs.pc; pc != row.PC || d.m.panes[codePane].(*disassembly).at(d.m) != row.PC {
		t.Errorf("the code is at %#x, the frame at %#x", pc, row.PC)
	}
	// The handler has saved all registers of what it interrupted.
	if value, ok := row.Register(10); !ok || d.m.view.regs.x[10] != value || d.m.view.regs.lost[10] {
		t.Errorf("a0 is %#x, %v", value, ok)
	}
	d.press("K")
	d.shows("Stack at frame 4", "not saved")
	d.press("J", "J", "J")
	d.shows("Stack at frame 1")
	d.press("K")
	d.shows("Stack at frame 2")
	d.press("s")
	if d.m.view.frame != 0 || d.m.frame != 0 {
		t.Error("the frame stays when the machine moves")
	}
	d.click(stackPaneID, 5, 1)
	d.shows("Stack at frame 1")
	d.press("home")
	if d.m.view.frame != 0 {
		t.Error("Home does not return to the innermost frame")
	}
	d.press("J")
	d.shows("this is the innermost frame")
	d.press("down", "down", "down", "r")
	if d.m.view.regs.pc != row.PC {
		t.Errorf("run-to-frame leads to %#x, want %#x", d.m.view.regs.pc, row.PC)
	}
}

// TestFrameOfFunctionThatDoesNotReturn: the address that fail would return to is
// that of the function after it.
func TestFrameOfFunctionThatDoesNotReturn(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("c", "S", "8", "K")
	d.shows("Disassembly frame 1 fail+0x16  board.c:29", "1 fail+0x16  board.c:29")
}
