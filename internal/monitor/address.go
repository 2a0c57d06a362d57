package monitor

import (
	"fmt"
	"strconv"
	"strings"

	"reprise/internal/debuginfo"
	"reprise/vm/riscv"
)

// ParseAddress reads an address as people write it: a number (0x for
// hexadecimal), a register ($pc, $sp, $a0, $mepc), a symbol, each followed by
// any number of +N and -N.
func ParseAddress(text string, hart *riscv.Hart, symbols *debuginfo.Symbols) (uint64, error) {
	base, rest := text, ""
	if i := strings.IndexAny(text, "+-"); i > 0 {
		base, rest = text[:i], text[i:]
	}
	addr, err := parseTerm(base, hart, symbols)
	if err != nil {
		return 0, err
	}
	for rest != "" {
		sign, end := rest[0], len(rest)
		if i := strings.IndexAny(rest[1:], "+-"); i >= 0 {
			end = i + 1
		}
		n, err := strconv.ParseUint(rest[1:end], 0, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number: an address is a number, a $register or a symbol, with +N or -N", rest[1:end])
		}
		if sign == '-' {
			n = -n
		}
		addr += n
		rest = rest[end:]
	}
	return addr, nil
}

func parseTerm(text string, hart *riscv.Hart, symbols *debuginfo.Symbols) (uint64, error) {
	if name, ok := strings.CutPrefix(text, "$"); ok {
		if value, ok := Register(hart, name); ok {
			return value, nil
		}
		return 0, fmt.Errorf("there is no register %q: they are pc, x0 to x31, f0 to f31, their ABI names, and the CSRs", name)
	}
	if n, err := strconv.ParseUint(text, 0, 64); err == nil {
		return n, nil
	}
	if addr, ok := symbols.Lookup(text); ok {
		return addr, nil
	}
	if near := symbols.Complete(text, 3); len(near) > 0 {
		return 0, fmt.Errorf("there is no symbol %q: there are %s", text, strings.Join(near, ", "))
	}
	return 0, fmt.Errorf("%q is neither a number, a $register nor a symbol of the images", text)
}

// Register reads the register of that name: pc, x0 to x31, f0 to f31, an ABI
// name ("fp" included) or a CSR. It reports false if the hart has none.
func Register(hart *riscv.Hart, name string) (uint64, bool) {
	switch name {
	case "pc":
		return hart.PC(), true
	case "fp":
		name = "s0"
	}
	for i := range 32 {
		number := strconv.Itoa(i)
		if name == riscv.RegName(uint8(i)) || name == "x"+number {
			return hart.X(i), true
		}
		if name == riscv.FRegName(uint8(i)) || name == "f"+number {
			return hart.F(i), true
		}
	}
	if number, ok := riscv.CSRNumber(name); ok {
		return hart.PeekCSR(number)
	}
	return 0, false
}
