package gdbstub

import (
	"errors"
	"strings"
	"testing"
)

// fixedView is a view in which everything is a formula.
type fixedView struct{}

func (fixedView) ReadRegister(hart int, r Register) (uint64, error) {
	if r == Privilege {
		return 0, errors.New("no such register")
	}
	return uint64(hart)*1000 + uint64(r), nil
}

func (fixedView) ReadMemory(_ int, addr uint64, p []byte) (int, error) {
	if addr >= 0x1000 {
		return 0, errors.New("no memory")
	}
	for i := range p {
		p[i] = byte(addr) + byte(i)
	}
	return len(p), nil
}

// TestAgent evaluates expressions; those that begin with ! cannot be.
func TestAgent(t *testing.T) {
	for _, c := range []struct {
		code string
		want uint64
	}{
		{"\x22\x05\x22\x03\x02\x27", 8},                  // 5 + 3
		{"\x22\x05\x22\x03\x03\x27", 2},                  // 5 - 3
		{"\x22\x05\x22\x03\x04\x27", 15},                 // 5 * 3
		{"\x22\xf6\x16\x08\x22\x03\x05\x27", ^uint64(2)}, // -10 / 3
		{"\x22\x0a\x22\x03\x06\x27", 3},                  // 10 / 3
		{"\x22\xf6\x16\x08\x22\x03\x07\x27", ^uint64(0)}, // -10 % 3
		{"\x22\x0a\x22\x03\x08\x27", 1},                  // 10 % 3
		{"\x22\x01\x22\x04\x09\x27", 16},                 // 1 << 4
		{"\x22\xf0\x16\x08\x22\x02\x0a\x27", ^uint64(3)}, // -16 >> 2
		{"\x22\xf0\x22\x02\x0b\x27", 60},                 // 240 >> 2
		{"\x22\x00\x0e\x27", 1},                          // !0
		{"\x22\x0c\x22\x0a\x0f\x27", 8},                  // 12 & 10
		{"\x22\x0c\x22\x0a\x10\x27", 14},                 // 12 | 10
		{"\x22\x0c\x22\x0a\x11\x27", 6},                  // 12 ^ 10
		{"\x22\x00\x12\x27", ^uint64(0)},                 // ~0
		{"\x22\x07\x22\x07\x13\x27", 1},                  // 7 == 7
		{"\x22\xff\x16\x08\x22\x01\x14\x27", 1},          // -1 < 1
		{"\x22\xff\x16\x08\x22\x01\x15\x27", 0},          // as unsigned
		{"\x23\x01\x02\x27", 0x102},                      // immediates are big-endian
		{"\x25\x01\x02\x03\x04\x05\x06\x07\x08\x27", 0x102030405060708},
		{"\x26\x00\x0a\x27", 2010},   // a0 of hart 2
		{"\x22\x40\x18\x27", 0x4140}, // memory is little-endian
		{"\x22\x40\x1a\x27", 0x4746454443424140},
		{"\x24\x00\x00\x80\xff\x2a\x08\x27", 0xff},          // zero_ext 8
		{"\x22\x01\x20\x00\x08\x22\x00\x27\x22\x09\x27", 9}, // if 1 goto 8
		{"\x22\x00\x20\x00\x08\x22\x04\x27\x22\x09\x27", 4}, // if 0 goto 8
		{"\x22\x01\x22\x02\x2b\x03\x27", 1},                 // swap: 2 - 1
		{"\x22\x01\x22\x02\x22\x03\x33\x27", 2},             // rot: 3 1 2
		{"\x22\x01\x22\x02\x22\x03\x33\x29\x27", 1},         //
		{"\x22\x01\x22\x02\x22\x03\x33\x29\x29\x27", 3},     //
		{"\x22\x05\x22\x06\x32\x01\x27", 5},                 // pick 1
		{"\x22\x05\x28\x04\x27", 25},                        // dup
	} {
		if got, err := evaluate([]byte(c.code), fixedView{}, 2); err != nil || got != c.want {
			t.Errorf("%x gave %#x, %v; want %#x", c.code, got, err, c.want)
		}
	}
	for _, code := range []string{
		"", "\x27", "\x22", "\x22\x01", "\x02\x27", "\x22\x01\x02\x27", "\x22\x01\x22\x00\x05\x27", "\x26\x10\x41\x27",
		"\x23\x20\x00\x17\x27", "\x21\x00\x00", "\x21\xff\xff\x27", "\x0c\x27", "\x1b\x27", "\x32\x00\x27", "\x28\x27", "\x2b\x27", "\x33\x27",
		"\x22\x01\x16\x00\x27", "\x22\x01\x28\x21\x00\x02",
	} {
		if got, err := evaluate([]byte(code), fixedView{}, 2); err == nil {
			t.Errorf("%x gave %#x, want an error", code, got)
		}
	}
}

// FuzzAgent evaluates anything, which ends and does no harm.
func FuzzAgent(f *testing.F) {
	f.Add([]byte("\x22\x05\x22\x03\x02\x27"))
	f.Add([]byte("\x21\x00\x00"))
	f.Fuzz(func(_ *testing.T, code []byte) { _, _ = evaluate(code, fixedView{}, 0) })
}

// conditionalToy is a toy that takes conditions.
type conditionalToy struct {
	*toy
	set map[uint64]Condition
}

func (t conditionalToy) SetCondition(addr uint64, c Condition) error {
	t.set[addr] = c
	return nil
}

// TestConditions sets and changes the conditions of a place.
func TestConditions(t *testing.T) {
	ty := conditionalToy{newToy(600), map[uint64]Condition{}}
	c := dialQuietly(t, ty)
	c.packet("qSupported")
	if got := c.answer(); !strings.Contains(got, "ConditionalBreakpoints+") {
		t.Errorf("conditions are not announced: %s", got)
	}
	holds := func(want bool) {
		t.Helper()
		if cond := ty.set[0x80000100]; cond == nil || cond(fixedView{}, 0) != want {
			t.Errorf("the condition is not one that is %v", want)
		}
	}
	const never, always = "X3,220027", "X3,220127"
	c.want("Z0,80000100,4;"+never, "OK")
	holds(false)
	c.want("Z0,80000100,4;"+always, "OK")
	holds(true)
	c.want("Z0,80000100,4;"+never, "OK")
	c.want("Z1,80000100,4;"+never+always, "OK")
	holds(true)
	c.want("Z1,80000100,4", "OK")
	if ty.set[0x80000100] != nil {
		t.Error("a breakpoint without a condition has one")
	}
	c.want("z1,80000100,4", "OK")
	holds(false)
	c.want("Z0,80000100,4;X1,0c", "OK") // what cannot be evaluated is left to gdb
	holds(true)
	for _, bad := range []string{"X", "X1", "X2,22", "Y1,22", "X1,zz", "Xffffffffffffffff,22"} {
		c.want("Z0,80000100,4;"+bad, "E.packet not understood")
	}
}
