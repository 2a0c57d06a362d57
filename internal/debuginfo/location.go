package debuginfo

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Context is where expressions of DWARF are evaluated: a frame of a stack.
type Context struct {
	// Register returns a register of the frame by its DWARF number: x0 to x31
	// from 0, f0 to f31 from 32, CSRs from 4096.
	Register func(n int) (value uint64, ok bool)
	// Memory reads virtual memory and returns how many bytes it could.
	Memory func(addr uint64, p []byte) int
	CFA    uint64 // the frame's address: the stack pointer before its call
	PC     uint64 // an address inside of the instruction that the frame executes

	frameBase []byte // the function's
}

// Location is where a value is.
type Location struct {
	Kind     LocationKind
	Addr     uint64 // of InMemory
	Register int    // of InRegister
	Value    []byte // of AsValue
}

// LocationKind tells locations apart.
type LocationKind uint8

// The kinds of locations.
const (
	InMemory LocationKind = iota
	InRegister
	AsValue
)

// ErrOptimizedOut is that a variable has no value at an instruction.
var ErrOptimizedOut = errors.New("optimized out")

// errExpression is that an expression is damaged.
var errExpression = errors.New("damaged location expression")

// Limits of an expression.
const (
	maxStack    = 64
	maxElements = 10_000 // executed
)

// stackMachine evaluates an expression (DWARF 5, section 2.5).
type stackMachine struct {
	f        fields
	all      []byte
	stack    []uint64
	context  *Context
	inBase   bool // the frame base is being evaluated
	location Location
	done     bool // location is the result
}

// locate evaluates an expression to a location.
func (c *Context) locate(expression []byte, initial ...uint64) (Location, error) {
	m := &stackMachine{f: fields{data: expression}, all: expression, context: c, stack: initial}
	return m.result()
}

// Evaluate evaluates an expression, to which a rule of a frame gives the frame's
// address, to a number.
func (c *Context) Evaluate(expression []byte, initial ...uint64) (uint64, error) {
	l, err := c.locate(expression, initial...)
	if err != nil {
		return 0, err
	}
	if l.Kind != InMemory {
		return 0, errExpression
	}
	return l.Addr, nil
}

func (m *stackMachine) result() (Location, error) {
	if len(m.all) == 0 {
		return Location{}, ErrOptimizedOut
	}
	for n := 0; len(m.f.data) > 0 && !m.done; n++ {
		if n > maxElements || len(m.stack) > maxStack {
			return Location{}, errExpression
		}
		if err := m.element(byte(m.f.unsigned(1))); err != nil {
			return Location{}, err
		}
		if m.f.bad {
			return Location{}, errExpression
		}
	}
	if m.done {
		if len(m.f.data) > 0 {
			return Location{}, errors.New("it lies in several pieces")
		}
		return m.location, nil
	}
	addr, err := m.pop()
	return Location{Kind: InMemory, Addr: addr}, err
}

func (m *stackMachine) push(v uint64) { m.stack = append(m.stack, v) }

func (m *stackMachine) pop() (uint64, error) {
	if len(m.stack) == 0 {
		return 0, errExpression
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// peek is the element n below the top.
func (m *stackMachine) peek(n int) error {
	if n >= len(m.stack) {
		return errExpression
	}
	m.push(m.stack[len(m.stack)-1-n])
	return nil
}

// register pushes a register and an offset.
func (m *stackMachine) register(n int, offset int64) error {
	v, ok := m.context.Register(n)
	if !ok {
		return ErrOptimizedOut
	}
	m.push(v + uint64(offset))
	return nil
}

// element executes one element.
func (m *stackMachine) element(op byte) error {
	f := &m.f
	switch {
	case op >= 0x30 && op <= 0x4f: // DW_OP_lit
		m.push(uint64(op - 0x30))
		return nil
	case op >= 0x50 && op <= 0x6f: // DW_OP_reg
		m.location, m.done = Location{Kind: InRegister, Register: int(op - 0x50)}, true
		return nil
	case op >= 0x70 && op <= 0x8f: // DW_OP_breg
		return m.register(int(op-0x70), f.sleb())
	case op >= 0x19 && op <= 0x2e && op != 0x28: // all operations but DW_OP_bra
		return m.operate(op)
	}
	switch op {
	case 0x03: // DW_OP_addr
		m.push(f.unsigned(8))
	case 0x06: // DW_OP_deref
		return m.dereference(8)
	case 0x94: // DW_OP_deref_size
		return m.dereference(int(f.unsigned(1)))
	case 0x08, 0x0a, 0x0c, 0x0e: // DW_OP_const1u, 2u, 4u, 8u
		m.push(f.unsigned(1 << ((op - 0x08) / 2)))
	case 0x09, 0x0b, 0x0d, 0x0f: // DW_OP_const1s, 2s, 4s, 8s
		m.push(uint64(f.signed(1 << ((op - 0x09) / 2))))
	case 0x10: // DW_OP_constu
		m.push(f.uleb())
	case 0x11: // DW_OP_consts
		m.push(uint64(f.sleb()))
	case 0x12: // DW_OP_dup
		return m.peek(0)
	case 0x13: // DW_OP_drop
		_, err := m.pop()
		return err
	case 0x14: // DW_OP_over
		return m.peek(1)
	case 0x15: // DW_OP_pick
		return m.peek(int(f.unsigned(1)))
	case 0x16: // DW_OP_swap
		return m.rotate(2)
	case 0x17: // DW_OP_rot
		return m.rotate(3)
	case 0x28, 0x2f: // DW_OP_bra, DW_OP_skip
		return m.branch(op == 0x28)
	case 0x90: // DW_OP_regx
		m.location, m.done = Location{Kind: InRegister, Register: int(f.uleb())}, true
	case 0x91: // DW_OP_fbreg
		return m.fromBase(f.sleb())
	case 0x92: // DW_OP_bregx
		return m.register(int(f.uleb()), f.sleb())
	case 0x96: // DW_OP_nop
	case 0x9c: // DW_OP_call_frame_cfa
		m.push(m.context.CFA)
	case 0x9e: // DW_OP_implicit_value
		m.location, m.done = Location{Kind: AsValue, Value: f.block()}, true
	case 0x9f: // DW_OP_stack_value
		v, err := m.pop()
		m.location, m.done = Location{Kind: AsValue, Value: binary.LittleEndian.AppendUint64(nil, v)}, true
		return err
	case 0xa3, 0xf3: // DW_OP_entry_value: what a register was when the function was called
		return ErrOptimizedOut
	default:
		return fmt.Errorf("its location needs the element %#x of DWARF, which is not known here", op)
	}
	return nil
}

// rotate moves the top below the n-1 elements under it.
func (m *stackMachine) rotate(n int) error {
	if len(m.stack) < n {
		return errExpression
	}
	part := m.stack[len(m.stack)-n:]
	top := part[n-1]
	copy(part[1:], part[:n-1])
	part[0] = top
	return nil
}

// branch skips a number of bytes, if the top is not zero or always.
func (m *stackMachine) branch(conditional bool) error {
	by := m.f.signed(2)
	if conditional {
		v, err := m.pop()
		if err != nil || v == 0 {
			return err
		}
	}
	at := int64(len(m.all)-len(m.f.data)) + by
	if at < 0 || at > int64(len(m.all)) {
		return errExpression
	}
	m.f.data = m.all[at:]
	return nil
}

// dereference reads memory at the top.
func (m *stackMachine) dereference(size int) error {
	addr, err := m.pop()
	if err != nil || size < 1 || size > 8 {
		return errExpression
	}
	var p [8]byte
	if m.context.Memory(addr, p[:size]) < size {
		return fmt.Errorf("no memory can be read at %#x", addr)
	}
	m.push(binary.LittleEndian.Uint64(p[:]))
	return nil
}

// fromBase pushes an offset from the base of the frame.
func (m *stackMachine) fromBase(offset int64) error {
	if m.inBase || len(m.context.frameBase) == 0 {
		return errExpression
	}
	base := &stackMachine{f: fields{data: m.context.frameBase}, all: m.context.frameBase, context: m.context, inBase: true}
	l, err := base.result()
	if err != nil {
		return err
	}
	if l.Kind == InRegister {
		return m.register(l.Register, offset)
	}
	m.push(l.Addr + uint64(offset))
	return nil
}

// operate does an operation on one or two numbers (DWARF 5, section 2.5.1.4).
func (m *stackMachine) operate(op byte) error {
	if op == 0x23 { // DW_OP_plus_uconst
		v, err := m.pop()
		m.push(v + m.f.uleb())
		return err
	}
	b, err := m.pop()
	if err != nil {
		return err
	}
	switch op {
	case 0x19: // DW_OP_abs
		m.push(uint64(max(int64(b), -int64(b))))
		return nil
	case 0x1f: // DW_OP_neg
		m.push(-b)
		return nil
	case 0x20: // DW_OP_not
		m.push(^b)
		return nil
	}
	a, err := m.pop()
	if err != nil {
		return err
	}
	v, ok := binaryOperation(op, a, b)
	if !ok {
		return errExpression
	}
	m.push(v)
	return nil
}

func binaryOperation(op byte, a, b uint64) (v uint64, ok bool) {
	truth := func(holds bool) (uint64, bool) {
		if holds {
			return 1, true
		}
		return 0, true
	}
	switch op {
	case 0x1a: // DW_OP_and
		return a & b, true
	case 0x1b: // DW_OP_div
		if b == 0 {
			return 0, false
		}
		if b == ^uint64(0) {
			return -a, true
		}
		return uint64(int64(a) / int64(b)), true
	case 0x1c: // DW_OP_minus
		return a - b, true
	case 0x1d: // DW_OP_mod
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case 0x1e: // DW_OP_mul
		return a * b, true
	case 0x21: // DW_OP_or
		return a | b, true
	case 0x22: // DW_OP_plus
		return a + b, true
	case 0x24: // DW_OP_shl
		return a << b, true
	case 0x25: // DW_OP_shr
		return a >> b, true
	case 0x26: // DW_OP_shra
		return uint64(int64(a) >> min(b, 63)), true
	case 0x27: // DW_OP_xor
		return a ^ b, true
	case 0x29: // DW_OP_eq
		return truth(a == b)
	case 0x2a: // DW_OP_ge
		return truth(int64(a) >= int64(b))
	case 0x2b: // DW_OP_gt
		return truth(int64(a) > int64(b))
	case 0x2c: // DW_OP_le
		return truth(int64(a) <= int64(b))
	case 0x2d: // DW_OP_lt
		return truth(int64(a) < int64(b))
	case 0x2e: // DW_OP_ne
		return truth(a != b)
	}
	return 0, false
}
