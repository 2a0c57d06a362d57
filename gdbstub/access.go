package gdbstub

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// unavailable is the value of a register that cannot be read.
var unavailable = strings.Repeat("x", 16)

// general registers are those of the g packet, x0 to pc. gdb asks for all
// others one by one, when somebody looks at them.
const generalRegisters = PC + 1

// mine makes a change that gdb itself asked for, after which it is as well
// informed of the position as it was before.
func (s *server) mine(change func() error) error {
	_, before := s.target.Position()
	err := change()
	if before == s.known {
		_, s.known = s.target.Position()
	}
	return err
}

// register reads a register in the target's byte order.
func (s *server) register(r Register) string {
	value, err := s.target.ReadRegister(s.general, r)
	if err != nil {
		return unavailable
	}
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, value))
}

func (s *server) writeRegister(r Register, value uint64) error {
	err := s.mine(func() error { return s.target.WriteRegister(s.general, r, value) })
	if err == nil && r == PC {
		s.jumped = true
	}
	return err
}

// setRegister writes a register from the target's byte order.
func (s *server) setRegister(r Register, text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 8 {
		return s.failed(errSyntax.Error())
	}
	if err := s.writeRegister(r, binary.LittleEndian.Uint64(raw)); err != nil {
		return s.failed(err.Error())
	}
	return "OK"
}

// readAll serves g. With it gdb learns the place where the hart of the last
// stop stands now, wherever others may have moved it.
func (s *server) readAll(context.Context, string) string {
	if s.general == s.last.Hart {
		_, s.known = s.target.Position()
	}
	var b strings.Builder
	for r := range generalRegisters {
		b.WriteString(s.register(r))
	}
	return b.String()
}

// writeAll serves G. Registers that keep their value are not written.
func (s *server) writeAll(_ context.Context, args string) string {
	if len(args)%16 != 0 || len(args)/16 > int(generalRegisters) {
		return s.failed(errSyntax.Error())
	}
	for r := Register(0); len(args) > 0; r++ {
		value := args[:16]
		args = args[16:]
		if value == s.register(r) || value == unavailable {
			continue
		}
		if answer := s.setRegister(r, value); answer != "OK" {
			return answer
		}
	}
	return "OK"
}

// readOne serves p.
func (s *server) readOne(_ context.Context, args string) string {
	r, err := s.described(args)
	if err != nil {
		return s.failedRead("no register of this number")
	}
	return s.register(r)
}

// writeOne serves P.
func (s *server) writeOne(_ context.Context, args string) string {
	number, value, _ := strings.Cut(args, "=")
	r, err := s.described(number)
	if err != nil {
		return s.failed("no register of this number")
	}
	return s.setRegister(r, value)
}

// described reads the number of a register that the description has.
func (s *server) described(text string) (Register, error) {
	n, err := parseHex(text)
	if err != nil || n > uint64(Privilege) || !s.registers[Register(n)] {
		return 0, errSyntax
	}
	return Register(n), nil
}

// readMemory serves m. It may answer with less than asked.
func (s *server) readMemory(_ context.Context, args string) string {
	p, refusal := s.fetch(args)
	if refusal != "" {
		return refusal
	}
	return hex.EncodeToString(p)
}

// readBinary serves x, whose answer is binary.
func (s *server) readBinary(_ context.Context, args string) string {
	p, refusal := s.fetch(args)
	if refusal != "" {
		return refusal
	}
	return "b" + string(p)
}

// fetch reads the memory that a packet names, or says why not.
func (s *server) fetch(args string) (p []byte, refusal string) {
	addr, size, err := parsePair(args)
	if err != nil {
		return nil, s.failedRead(err.Error())
	}
	p = make([]byte, min(size, maxPacket/2-1))
	n, err := s.peek(addr, p)
	switch {
	case n > 0 || len(p) == 0:
	case err != nil:
		return nil, s.failedRead(err.Error())
	default:
		// No data and no error: an empty answer would mean that m is unknown.
		return nil, s.failedRead("nothing to read here")
	}
	return p[:n], ""
}

// peek reads virtual memory of the general hart, or physical memory if gdb
// wants that.
func (s *server) peek(addr uint64, p []byte) (int, error) {
	if memory, able := s.target.(Physical); able && s.physical {
		return memory.ReadPhysical(addr, p)
	}
	return s.target.ReadMemory(s.general, addr, p)
}

// physicalMode serves qqemu.PhyMemMode, as qemu's stub does.
func (s *server) physicalMode(context.Context, string) string {
	if _, able := s.target.(Physical); !able {
		return ""
	}
	if s.physical {
		return "1"
	}
	return "0"
}

// setPhysicalMode serves Qqemu.PhyMemMode. gdb does not know of it and keeps
// what it has read: `maintenance flush dcache` makes it read again.
func (s *server) setPhysicalMode(_ context.Context, args string) string {
	if _, able := s.target.(Physical); !able {
		return ""
	}
	s.physical = args != "0"
	return "OK"
}

// search serves qSearch:memory, whose pattern is binary. Memory that cannot be
// read ends it.
func (s *server) search(ctx context.Context, args string) string {
	rest, ours := strings.CutPrefix(args, "memory:")
	if !ours {
		return ""
	}
	start, rest, _ := strings.Cut(rest, ";")
	length, pattern, _ := strings.Cut(rest, ";")
	addr, err := parseHex(start)
	size, err2 := parseHex(length)
	if err != nil || err2 != nil || pattern == "" {
		return s.failed(errSyntax.Error())
	}
	answer := "0"
	s.drive(ctx, func(ctx context.Context, _ func(string)) {
		if at, found := s.find(ctx, addr, size, []byte(pattern)); found {
			answer = fmt.Sprintf("1,%x", at)
		}
	})
	return answer
}

// find looks for bytes in size bytes of memory.
func (s *server) find(ctx context.Context, addr, size uint64, pattern []byte) (at uint64, found bool) {
	const block = 1 << 16
	var kept []byte // of the block before: the begin of a pattern
	for size > 0 && ctx.Err() == nil {
		p := make([]byte, min(size, block))
		n, err := s.peek(addr, p)
		if n == 0 || err != nil {
			return 0, false
		}
		all := append(kept, p[:n]...)
		if i := bytes.Index(all, pattern); i >= 0 {
			return addr - uint64(len(kept)) + uint64(i), true
		}
		kept = all[len(all)-min(len(all), len(pattern)-1):]
		addr, size = addr+uint64(n), size-uint64(n)
	}
	return 0, false
}

// writeMemory serves M, whose data is hexadecimal.
func (s *server) writeMemory(_ context.Context, args string) string {
	window, text, _ := strings.Cut(args, ":")
	data, err := hex.DecodeString(text)
	if err != nil {
		return s.failed(errSyntax.Error())
	}
	return s.storeMemory(window, data)
}

// writeBinary serves X, whose data is binary. Without data it is gdb's
// question whether the packet is supported.
func (s *server) writeBinary(_ context.Context, args string) string {
	window, data, _ := strings.Cut(args, ":")
	return s.storeMemory(window, []byte(data))
}

func (s *server) storeMemory(window string, data []byte) string {
	addr, size, err := parsePair(window)
	if err != nil || size != uint64(len(data)) {
		return s.failed(errSyntax.Error())
	}
	if len(data) == 0 {
		return "OK"
	}
	err = s.mine(func() error {
		if memory, able := s.target.(Physical); able && s.physical {
			return memory.WritePhysical(addr, data)
		}
		return s.target.WriteMemory(s.general, addr, data)
	})
	if err != nil {
		return s.failed(err.Error())
	}
	return "OK"
}
