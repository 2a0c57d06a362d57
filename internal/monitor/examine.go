package monitor

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"reprise/vm/riscv"
)

var examineCommands = []Command{
	{Name: "x", Usage: "[/FMT] ADDRESS", Help: "show virtual memory; FMT is a count, one of x d u o t c s i, and a size b h w g", run: examineVirtual},
	{Name: "xp", Usage: "[/FMT] ADDRESS", Help: "show physical memory; FMT as for x", run: examinePhysical},
	{Name: "print", Aliases: []string{"p"}, Usage: "[/x] EXPRESSION...", Help: "show what an expression gives: numbers, $registers, symbols, variables, with C's operators", run: printExpression},
	{Name: "whatis", Usage: "EXPRESSION...", Help: "show of what type an expression is, and where", run: whatIs},
	{Name: "translate", Aliases: []string{"gva2gpa"}, Usage: "ADDRESS", Help: "follow the page tables of the hart for a virtual address", run: translate},
}

// format is what follows the slash of x.
type format struct {
	count  int
	letter byte // x, d, u, o, t, c, s or i
	size   int  // bytes
}

// maxExamined bounds the count of a format.
const maxExamined = 4096

// parseFormat reads a format such as "/8xw"; parts that are missing are 1, x
// and w.
func parseFormat(text string) (format, error) {
	f := format{count: 1, letter: 'x', size: 4}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 {
		n, err := strconv.Atoi(text[:digits])
		if err != nil || n < 1 || n > maxExamined {
			return f, fmt.Errorf("/%s: the count goes from 1 to %d", text, maxExamined)
		}
		f.count = n
	}
	sized := false
	for _, c := range text[digits:] {
		switch c {
		case 'b', 'h', 'w', 'g':
			f.size, sized = map[rune]int{'b': 1, 'h': 2, 'w': 4, 'g': 8}[c], true
		case 'x', 'd', 'u', 'o', 't', 'c', 's', 'i':
			f.letter = byte(c)
		default:
			return f, fmt.Errorf("/%s: %q is no format: they are x d u o t c s i, with a size b h w g", text, c)
		}
	}
	if (f.letter == 'c' || f.letter == 's') && !sized {
		f.size = 1
	}
	return f, nil
}

// peek reads memory and returns how many bytes could be read.
type peek func(addr uint64, p []byte) int

func examineVirtual(_ context.Context, env Env, args []string) (string, error) {
	return examine(env, args, func(_ Machine, h *riscv.Hart) peek { return h.PeekMemory })
}

func examinePhysical(_ context.Context, env Env, args []string) (string, error) {
	return examine(env, args, func(m Machine, _ *riscv.Hart) peek { return m.PeekPhysical })
}

func examine(env Env, args []string, choose func(Machine, *riscv.Hart) peek) (string, error) {
	spec := ""
	if len(args) > 0 && strings.HasPrefix(args[0], "/") {
		spec, args = args[0][1:], args[1:]
	}
	f, err := parseFormat(spec)
	if err != nil {
		return "", err
	}
	if len(args) != 1 {
		return "", fmt.Errorf("usage: x [/FMT] ADDRESS, such as x /8xw $sp")
	}
	var text string
	info := env.debug()
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		hart := m.Hart(env.hart(m))
		var addr uint64
		if addr, err = env.address(args[0], hart, info); err == nil {
			text, err = f.dump(addr, choose(m, hart), env)
		}
	})
	return text, err
}

// hart is the hart that the command is about.
func (env Env) hart(m Machine) int {
	if env.Hart >= 0 && env.Hart < m.Harts() {
		return env.Hart
	}
	return m.Current()
}

func (f format) dump(addr uint64, read peek, env Env) (string, error) {
	switch f.letter {
	case 'i':
		return f.instructions(addr, read, env)
	case 's':
		return f.texts(addr, read)
	}
	perLine := max(1, 16/f.size)
	if f.letter == 't' {
		perLine = max(1, 8/f.size)
	}
	var b strings.Builder
	for i := range f.count {
		at := addr + uint64(i*f.size)
		var p [8]byte
		if read(at, p[:f.size]) < f.size {
			return b.String(), unreadable(at)
		}
		if i%perLine == 0 {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%016x:", at)
		}
		b.WriteByte(' ')
		b.WriteString(f.value(binary.LittleEndian.Uint64(p[:])))
	}
	return b.String(), nil
}

func unreadable(addr uint64) error {
	return fmt.Errorf("no memory can be read at %#x", addr)
}

// value prints one value of the format's size.
func (f format) value(v uint64) string {
	bits := f.size * 8
	switch f.letter {
	case 'd':
		return strconv.FormatInt(int64(v<<(64-bits))>>(64-bits), 10)
	case 'u':
		return strconv.FormatUint(v, 10)
	case 'o':
		return fmt.Sprintf("%#0*o", (bits+2)/3+1, v)
	case 't':
		return fmt.Sprintf("%0*b", bits, v)
	case 'c':
		return strconv.QuoteRuneToASCII(rune(v & 0xff))
	}
	return fmt.Sprintf("0x%0*x", bits/4, v)
}

func (f format) instructions(addr uint64, read peek, env Env) (string, error) {
	var b strings.Builder
	for i := range f.count {
		var p [4]byte
		n := read(addr, p[:2])
		if n == 2 && p[0]&3 == 3 {
			n += read(addr+2, p[2:])
		}
		if n < 2 || p[0]&3 == 3 && n < 4 {
			return b.String(), unreadable(addr)
		}
		inst := riscv.Decode(binary.LittleEndian.Uint32(p[:]), riscv.ISAAll)
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%016x: %s", addr, inst.Print(addr, env.Symbols.Name))
		if name, ok := env.Symbols.Name(addr); ok {
			fmt.Fprintf(&b, "    <%s>", name)
		}
		addr += uint64(inst.Size)
	}
	return b.String(), nil
}

// maxText bounds the length of a string that s shows.
const maxText = 1024

func (f format) texts(addr uint64, read peek) (string, error) {
	var b strings.Builder
	for i := range f.count {
		var text []byte
		var c [1]byte
		start := addr
		for len(text) < maxText {
			if read(addr, c[:]) < 1 {
				return b.String(), unreadable(addr)
			}
			addr++
			if c[0] == 0 {
				break
			}
			text = append(text, c[0])
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%016x: %s", start, strconv.QuoteToASCII(string(text)))
	}
	return b.String(), nil
}
