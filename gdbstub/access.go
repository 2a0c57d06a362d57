package gdbstub

import (
	"context"
	"encoding/binary"
	"encoding/hex"
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
	addr, size, err := parsePair(args)
	if err != nil {
		return s.failedRead(err.Error())
	}
	p := make([]byte, min(size, maxPacket/2))
	n, err := s.target.ReadMemory(s.general, addr, p)
	switch {
	case n > 0 || len(p) == 0:
	case err != nil:
		return s.failedRead(err.Error())
	default:
		// No data and no error: an empty answer would mean that m is unknown.
		return s.failedRead("nothing to read here")
	}
	return hex.EncodeToString(p[:n])
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
	err = s.mine(func() error { return s.target.WriteMemory(s.general, addr, data) })
	if err != nil {
		return s.failed(err.Error())
	}
	return "OK"
}
