package expr

import (
	"debug/dwarf"
	"errors"
	"fmt"
)

// operate does an operation with two operands, with the conversions of C
// (section 6.3.1.8).
func (s *Scope) operate(op string, a, b Value) (Value, error) {
	x, floatX, err := s.float(a)
	if err != nil {
		return Value{}, err
	}
	y, floatY, err := s.float(b)
	if err != nil {
		return Value{}, err
	}
	if floatX || floatY {
		if x, err = s.asFloat(a, x, floatX); err != nil {
			return Value{}, err
		}
		if y, err = s.asFloat(b, y, floatY); err != nil {
			return Value{}, err
		}
		return operateFloat(op, x, y)
	}
	if v, done, err := s.operatePointer(op, a, b); done || err != nil {
		return v, err
	}
	n, err := s.Bits(a)
	if err != nil {
		return Value{}, err
	}
	m, err := s.Bits(b)
	if err != nil {
		return Value{}, err
	}
	t := common(a.Type, b.Type)
	if op == "<<" || op == ">>" {
		t = promoted(a.Type)
	}
	return operateInteger(op, t, n, m)
}

func (s *Scope) asFloat(v Value, f float64, is bool) (float64, error) {
	if is {
		return f, nil
	}
	n, err := s.Bits(v)
	if signed(v.Type) {
		return float64(int64(n)), err
	}
	return float64(n), err
}

// common is the type in which two numbers are calculated with.
func common(a, b dwarf.Type) dwarf.Type {
	a, b = promoted(a), promoted(b)
	switch {
	case a == nil || b == nil:
		return nil
	case size(a) != size(b):
		if size(a) > size(b) {
			return a
		}
		return b
	case signed(a):
		return b
	}
	return a
}

// operatePointer adds to and subtracts from pointers, in elements.
func (s *Scope) operatePointer(op string, a, b Value) (v Value, done bool, err error) {
	to, left := pointed(a.Type)
	_, right := pointed(b.Type)
	if !left && right && op == "+" {
		return s.operatePointer(op, b, a)
	}
	if !left || op != "+" && op != "-" {
		return Value{}, false, nil
	}
	n, err := s.address(a)
	if err != nil {
		return Value{}, true, err
	}
	m, err := s.address(b)
	if err != nil {
		return Value{}, true, err
	}
	width := uint64(max(size(to), 1))
	switch {
	case right && op == "-":
		return typed(basic["long"], uint64(int64(n-m)/int64(width))), true, nil
	case right:
		return Value{}, true, errors.New("two pointers cannot be added")
	case op == "-":
		m = -m
	}
	return typed(pointerTo(to), n+m*width), true, nil
}

// address is a pointer's value, or where an array is.
func (s *Scope) address(v Value) (uint64, error) {
	if _, ok := underlying(v.Type).(*dwarf.ArrayType); ok {
		if !v.Placed {
			return 0, errors.New("the array is not in memory")
		}
		return v.Addr, nil
	}
	return s.Bits(v)
}

// Address is where a value leads: what a pointer or a plain number points to,
// and where anything else is.
func (s *Scope) Address(v Value) (uint64, error) {
	switch underlying(v.Type).(type) {
	case nil, *dwarf.PtrType:
		return s.Bits(v)
	}
	if v.Placed {
		return v.Addr, nil
	}
	return s.Bits(v)
}

func operateFloat(op string, x, y float64) (Value, error) {
	double := basic["double"]
	switch op {
	case "+":
		return fromFloat(double, x+y), nil
	case "-":
		return fromFloat(double, x-y), nil
	case "*":
		return fromFloat(double, x*y), nil
	case "/":
		return fromFloat(double, x/y), nil
	}
	if holds, ok := compare(op, x, y); ok {
		return truth(holds), nil
	}
	return Value{}, fmt.Errorf("%q cannot be done with floating-point numbers", op)
}

func compare[N int64 | uint64 | float64](op string, x, y N) (holds, ok bool) {
	switch op {
	case "==":
		return x == y, true
	case "!=":
		return x != y, true
	case "<":
		return x < y, true
	case ">":
		return x > y, true
	case "<=":
		return x <= y, true
	case ">=":
		return x >= y, true
	}
	return false, false
}

var errDivision = errors.New("division by zero")

func operateInteger(op string, t dwarf.Type, x, y uint64) (Value, error) {
	sign := t != nil && signed(t)
	holds, ok := compare(op, x, y)
	if sign {
		holds, ok = compare(op, int64(x), int64(y))
	}
	if ok {
		return truth(holds), nil
	}
	var v uint64
	switch op {
	case "+":
		v = x + y
	case "-":
		v = x - y
	case "*":
		v = x * y
	case "&":
		v = x & y
	case "|":
		v = x | y
	case "^":
		v = x ^ y
	case "<<":
		v = x << y
	case ">>":
		if v = x >> y; sign {
			v = uint64(int64(x) >> y)
		}
	case "/", "%":
		return divide(op, t, x, y, sign)
	default:
		return Value{}, fmt.Errorf("%q is no operator", op)
	}
	return typed(t, v), nil
}

func divide(op string, t dwarf.Type, x, y uint64, sign bool) (Value, error) {
	switch {
	case y == 0:
		return Value{}, errDivision
	case sign && op == "/":
		return typed(t, uint64(int64(x)/int64(y))), nil
	case sign:
		return typed(t, uint64(int64(x)%int64(y))), nil
	case op == "/":
		return typed(t, x/y), nil
	}
	return typed(t, x%y), nil
}
