package gdbstub

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
)

// View is a machine as a condition looks at it, without side effects. It is
// another one than the target where several are searched at once.
type View interface {
	ReadRegister(hart int, r Register) (uint64, error)
	ReadMemory(hart int, addr uint64, p []byte) (n int, err error)
}

// Condition tells whether a breakpoint is to stop the hart that is about to
// execute there. It is a function of what it sees.
type Condition func(v View, hart int) bool

// The limits of an agent expression, which come from gdb's own and keep a
// hostile one from running long.
const (
	agentStack = 100
	agentSteps = 10_000
)

// The bytecodes that conditions are made of (gdb manual, "Bytecode
// Descriptions"). Floating point and what belongs to tracepoints are refused.
const (
	agentAdd           = 0x02
	agentSub           = 0x03
	agentMul           = 0x04
	agentDivSigned     = 0x05
	agentDivUnsigned   = 0x06
	agentRemSigned     = 0x07
	agentRemUnsigned   = 0x08
	agentShiftLeft     = 0x09
	agentShiftSigned   = 0x0a
	agentShiftUnsigned = 0x0b
	agentLogNot        = 0x0e
	agentBitAnd        = 0x0f
	agentBitOr         = 0x10
	agentBitXor        = 0x11
	agentBitNot        = 0x12
	agentEqual         = 0x13
	agentLessSigned    = 0x14
	agentLessUnsigned  = 0x15
	agentExtend        = 0x16
	agentRef8          = 0x17
	agentRef16         = 0x18
	agentRef32         = 0x19
	agentRef64         = 0x1a
	agentIfGoto        = 0x20
	agentGoto          = 0x21
	agentConst8        = 0x22
	agentConst16       = 0x23
	agentConst32       = 0x24
	agentConst64       = 0x25
	agentReg           = 0x26
	agentEnd           = 0x27
	agentDup           = 0x28
	agentPop           = 0x29
	agentZeroExtend    = 0x2a
	agentSwap          = 0x2b
	agentPick          = 0x32
	agentRot           = 0x33
)

// errAgent is an expression that cannot be evaluated. The breakpoint stops, as
// the manual asks.
var errAgent = errors.New("agent expression cannot be evaluated")

// agent is the machine that evaluates an expression.
type agent struct {
	code  []byte
	pc    int
	stack []uint64
	view  View
	hart  int
}

// evaluate runs an expression to its end and returns what is on top of the
// stack.
func evaluate(code []byte, v View, hart int) (uint64, error) {
	a := agent{code: code, view: v, hart: hart}
	for range agentSteps {
		op, err := a.operand(1)
		if err != nil {
			return 0, err
		}
		if byte(op) == agentEnd {
			return a.pop()
		}
		if err := a.step(byte(op)); err != nil {
			return 0, err
		}
		if len(a.stack) > agentStack {
			break
		}
	}
	return 0, errAgent
}

// operand reads an immediate operand of n bytes, which is big-endian.
func (a *agent) operand(n int) (uint64, error) {
	if n > len(a.code)-a.pc {
		return 0, errAgent
	}
	var word [8]byte
	copy(word[8-n:], a.code[a.pc:])
	a.pc += n
	return binary.BigEndian.Uint64(word[:]), nil
}

func (a *agent) push(value uint64) { a.stack = append(a.stack, value) }

func (a *agent) pop() (uint64, error) {
	if len(a.stack) == 0 {
		return 0, errAgent
	}
	top := a.stack[len(a.stack)-1]
	a.stack = a.stack[:len(a.stack)-1]
	return top, nil
}

// step does one bytecode other than end.
func (a *agent) step(op byte) error {
	switch {
	case op >= agentConst8 && op <= agentConst64:
		value, err := a.operand(1 << (op - agentConst8))
		a.push(value)
		return err
	case op == agentReg:
		return a.register()
	case op == agentGoto, op == agentIfGoto:
		return a.jump(op == agentIfGoto)
	case op == agentPick:
		n, err := a.operand(1)
		if err != nil || n >= uint64(len(a.stack)) {
			return errAgent
		}
		a.push(a.stack[len(a.stack)-1-int(n)])
		return nil
	case op == agentDup, op == agentPop, op == agentSwap, op == agentRot:
		return a.shuffle(op)
	case op >= agentRef8 && op <= agentRef64:
		return a.load(1 << (op - agentRef8))
	case op == agentExtend, op == agentZeroExtend:
		return a.extend(op == agentExtend)
	case op == agentLogNot, op == agentBitNot:
		value, err := a.pop()
		if op == agentBitNot {
			value = ^value
		} else {
			value = truth(value == 0)
		}
		a.push(value)
		return err
	}
	return a.binary(op)
}

func (a *agent) register() error {
	n, err := a.operand(2)
	if err != nil {
		return err
	}
	value, err := a.view.ReadRegister(a.hart, Register(n))
	a.push(value)
	return err
}

func (a *agent) jump(conditional bool) error {
	to, err := a.operand(2)
	if err != nil {
		return err
	}
	taken := uint64(1)
	if conditional {
		if taken, err = a.pop(); err != nil {
			return err
		}
	}
	if taken != 0 {
		a.pc = int(to)
	}
	if a.pc > len(a.code) {
		return errAgent
	}
	return nil
}

func (a *agent) shuffle(op byte) error {
	n := len(a.stack)
	need := map[byte]int{agentDup: 1, agentPop: 1, agentSwap: 2, agentRot: 3}[op]
	if n < need {
		return errAgent
	}
	s := a.stack
	switch op {
	case agentDup:
		a.push(s[n-1])
	case agentPop:
		a.stack = s[:n-1]
	case agentSwap:
		s[n-1], s[n-2] = s[n-2], s[n-1]
	default: // the top goes below the two beneath it
		s[n-1], s[n-2], s[n-3] = s[n-2], s[n-3], s[n-1]
	}
	return nil
}

func (a *agent) load(size int) error {
	addr, err := a.pop()
	if err != nil {
		return err
	}
	var word [8]byte
	if n, err := a.view.ReadMemory(a.hart, addr, word[:size]); err != nil || n < size {
		return errAgent
	}
	a.push(binary.LittleEndian.Uint64(word[:]))
	return nil
}

func (a *agent) extend(signed bool) error {
	bits, err := a.operand(1)
	if err != nil {
		return err
	}
	value, err := a.pop()
	if err != nil || bits == 0 {
		return errAgent
	}
	if bits < 64 {
		value <<= 64 - bits
		if signed {
			value = uint64(int64(value) >> (64 - bits))
		} else {
			value >>= 64 - bits
		}
	}
	a.push(value)
	return nil
}

// binary does an operation on the two topmost values.
func (a *agent) binary(op byte) error {
	right, err := a.pop()
	if err != nil {
		return err
	}
	left, err := a.pop()
	if err != nil {
		return err
	}
	value, ok := compute(op, left, right)
	if !ok {
		return errAgent
	}
	a.push(value)
	return nil
}

func compute(op byte, left, right uint64) (value uint64, ok bool) {
	switch op {
	case agentAdd:
		return left + right, true
	case agentSub:
		return left - right, true
	case agentMul:
		return left * right, true
	case agentShiftLeft:
		return left << right, true
	case agentShiftSigned:
		return uint64(int64(left) >> right), true
	case agentShiftUnsigned:
		return left >> right, true
	case agentBitAnd:
		return left & right, true
	case agentBitOr:
		return left | right, true
	case agentBitXor:
		return left ^ right, true
	case agentEqual:
		return truth(left == right), true
	case agentLessSigned:
		return truth(int64(left) < int64(right)), true
	case agentLessUnsigned:
		return truth(left < right), true
	}
	if right == 0 {
		return 0, false
	}
	switch op {
	case agentDivSigned:
		return uint64(int64(left) / int64(right)), true
	case agentDivUnsigned:
		return left / right, true
	case agentRemSigned:
		return uint64(int64(left) % int64(right)), true
	case agentRemUnsigned:
		return left % right, true
	}
	return 0, false
}

func truth(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

// parseConditions reads what follows a breakpoint in a Z packet: expressions,
// each as X, its length and a comma before its bytes in hexadecimal. Commands
// are not announced and not taken.
func parseConditions(text string) (list [][]byte, err error) {
	for text != "" {
		rest, isExpression := strings.CutPrefix(strings.TrimPrefix(text, ";"), "X")
		length, rest, found := strings.Cut(rest, ",")
		n, err := parseHex(length)
		if err != nil || !isExpression || !found || n > uint64(len(rest))/2 {
			return nil, errSyntax
		}
		code, err := hex.DecodeString(rest[:2*n])
		if err != nil {
			return nil, errSyntax
		}
		list, text = append(list, code), rest[2*n:]
	}
	return list, nil
}

// anyOf is the condition of several expressions: gdb gives one for each of its
// breakpoints at a place. One that cannot be evaluated holds, so that gdb
// decides.
func anyOf(list [][]byte) Condition {
	return func(v View, hart int) bool {
		for _, code := range list {
			if value, err := evaluate(code, v, hart); err != nil || value != 0 {
				return true
			}
		}
		return false
	}
}
