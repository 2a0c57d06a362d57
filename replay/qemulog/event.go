package qemulog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"reprise/vm/state"
)

// Event is an entry of a log. Which fields a kind uses is said at the kind.
type Event struct {
	Offset       int64  // of its first byte in the file
	Instructions uint64 // executed before it
	Kind         Kind
	Checkpoint   uint8 // Seed: of an asynchronous event, QEMU's number of the checkpoint that delivered it
	Cause        uint8 // of a shutdown, QEMU's number
	Device       uint8
	Flags        uint32
	Result       int32
	Position     int32 // CharWrite: QEMU's offset, bytes written of a larger write
	Value        uint64
	Data         []byte // a part of the log
}

// errCut is met where a log ends in the middle of an event.
var errCut = errors.New("the log ends in the middle of an event")

// parser reads numbers from the front of a log's rest.
type parser struct {
	rest []byte
	err  error
}

// take is the next n bytes, nil at the end.
func (p *parser) take(n uint64) []byte {
	if uint64(len(p.rest)) < n {
		p.err, p.rest = errCut, nil
		return nil
	}
	taken := p.rest[:n:n]
	p.rest = p.rest[n:]
	return taken
}

func (p *parser) number(size uint64) (n uint64) {
	for _, b := range p.take(size) {
		n = n<<8 | uint64(b)
	}
	return n
}

func (p *parser) array() []byte { return p.take(p.number(4)) }

// decode reads one event. It returns what follows it.
func (l *layout) decode(buf []byte, e *Event) ([]byte, error) {
	p := parser{rest: buf}
	c := p.number(1)
	if p.err != nil {
		return nil, p.err
	}
	if c >= uint64(len(l.codes)) {
		return nil, fmt.Errorf("there is no event of kind %d", c)
	}
	e.Kind, e.Cause = l.codes[c].kind, l.codes[c].cause
	if e.Kind == asyncSeed && l.async != nil {
		e.Checkpoint = uint8(p.number(1))
		kind := p.number(1)
		if p.err == nil && kind >= uint64(len(l.async)) {
			return nil, fmt.Errorf("there is no asynchronous event of kind %d", kind)
		}
		if p.err == nil {
			e.Kind = l.async[kind]
		}
	}
	if err := l.decodePayload(&p, e); err != nil {
		return nil, err
	}
	return p.rest, p.err
}

// decodePayload reads what belongs to an event of the kind.
func (l *layout) decodePayload(p *parser, e *Event) error {
	switch e.Kind {
	case Instruction:
		e.Value = p.number(4)
	case AsyncBH, AsyncBHOneshot, AsyncBlock, ClockHost, ClockVirtualRT:
		e.Value = p.number(8)
	case AsyncInput:
		before := p.rest
		if err := skipInput(p); err != nil {
			return err
		}
		e.Data = before[:len(before)-len(p.rest)]
	case AsyncCharRead:
		e.Device = uint8(p.number(1))
		e.Data = p.array()
	case AsyncNet:
		e.Device = uint8(p.number(1))
		e.Flags = uint32(p.number(4))
		e.Data = p.array()
	case CharWrite:
		e.Result = int32(p.number(4))
		e.Position = int32(p.number(4))
	case CharReadAll:
		e.Data = p.array()
	case CharReadAllError:
		e.Result = int32(p.number(4))
	case AudioOut:
		e.Value = p.number(uint64(l.audio))
	case AudioIn:
		e.Value = p.number(uint64(l.audio))
		if e.Value > uint64(len(p.rest)) {
			return errCut
		}
		e.Data = p.take(uint64(l.audio) + 16*e.Value) // where in the buffer, then the samples of both channels
	case Random:
		e.Result = int32(p.number(4))
		e.Data = p.array()
	default:
	}
	return nil
}

// The sorts of input report and of key, in QEMU's numbers.
const (
	inputKey      = 0
	inputButton   = 1
	inputRelative = 2
	inputAbsolute = 3

	keyNumber = 0
	keyCode   = 1
)

// skipInput passes over the report of an input device.
func skipInput(p *parser) error {
	switch kind := p.number(4); kind {
	case inputKey:
		switch key := p.number(4); key {
		case keyNumber:
			p.take(8 + 1)
		case keyCode:
			p.take(4 + 1)
		default:
			return fmt.Errorf("there is no key of sort %d", key)
		}
	case inputButton:
		p.take(4 + 1)
	case inputRelative, inputAbsolute:
		p.take(4 + 8)
	default:
		return fmt.Errorf("there is no input report of sort %d", kind)
	}
	return nil
}

// append writes an event as the log has it.
func (l *layout) append(buf []byte, e *Event) ([]byte, error) {
	c := l.code(e.Kind, e.Cause)
	if c < 0 {
		return buf, fmt.Errorf("a log of version %#x has no event %v", uint32(l.version), e.Kind)
	}
	buf = append(buf, byte(c))
	if n := l.asyncCode(e.Kind); n >= 0 {
		buf = append(buf, e.Checkpoint, byte(n))
	}
	big := binary.BigEndian
	array := func(data []byte) {
		buf = big.AppendUint32(buf, uint32(len(data)))
		buf = append(buf, data...)
	}
	audio := func(n uint64) {
		if l.audio == 4 {
			buf = big.AppendUint32(buf, uint32(n))
		} else {
			buf = big.AppendUint64(buf, n)
		}
	}
	switch e.Kind {
	case Instruction:
		buf = big.AppendUint32(buf, uint32(e.Value))
	case AsyncBH, AsyncBHOneshot, AsyncBlock, ClockHost, ClockVirtualRT:
		buf = big.AppendUint64(buf, e.Value)
	case AsyncInput:
		buf = append(buf, e.Data...)
	case AsyncCharRead:
		buf = append(buf, e.Device)
		array(e.Data)
	case AsyncNet:
		buf = big.AppendUint32(append(buf, e.Device), e.Flags)
		array(e.Data)
	case CharWrite:
		buf = big.AppendUint32(buf, uint32(e.Result))
		buf = big.AppendUint32(buf, uint32(e.Position))
	case CharReadAll:
		array(e.Data)
	case CharReadAllError:
		buf = big.AppendUint32(buf, uint32(e.Result))
	case AudioOut:
		audio(e.Value)
	case AudioIn:
		audio(e.Value)
		buf = append(buf, e.Data...)
	case Random:
		buf = big.AppendUint32(buf, uint32(e.Result))
		array(e.Data)
	default:
	}
	return buf, nil
}

// String is the event on one line, beginning with the instructions before it.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString(state.Step(e.Instructions).String() + " " + e.Kind.String())
	field := func(name, value string) { b.WriteString(" " + name + "=" + value) }
	number := func(name string, n int64) { field(name, strconv.FormatInt(n, 10)) }
	if e.Checkpoint != 0 {
		number("checkpoint", int64(e.Checkpoint))
	}
	switch e.Kind {
	case Shutdown:
		field("cause", causeName(e.Cause))
	case Instruction, AsyncBH, AsyncBHOneshot, AsyncBlock, AudioOut, AudioIn:
		field("value", strconv.FormatUint(e.Value, 10))
	case ClockHost, ClockVirtualRT:
		field("value", state.Step(e.Value).String()+"ns")
	case AsyncCharRead:
		number("device", int64(e.Device))
	case AsyncNet:
		number("device", int64(e.Device))
		number("flags", int64(e.Flags))
	case CharWrite:
		number("result", int64(e.Result))
		number("offset", int64(e.Position))
	case CharReadAllError, Random:
		number("result", int64(e.Result))
	default:
	}
	switch {
	case len(e.Data) == 0:
	case e.Kind == AsyncCharRead || e.Kind == CharReadAll:
		b.WriteString(" " + strconv.QuoteToASCII(string(e.Data)))
	default:
		fmt.Fprintf(&b, " %x", e.Data)
	}
	return b.String()
}
