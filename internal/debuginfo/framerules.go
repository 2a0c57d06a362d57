package debuginfo

// FrameRule says where a register of the caller is (DWARF 5, section 6.4.1).
type FrameRule struct {
	Kind       FrameRuleKind
	Offset     int64  // from the frame's address, or from the register of CFARegister
	Register   int    // of OtherRegister and CFARegister
	Expression []byte // of the kinds that have one
}

// FrameRuleKind tells the rules apart.
type FrameRuleKind uint8

// The kinds of rules.
const (
	Unspecified   FrameRuleKind = iota // as the calling convention has it
	Undefined                          // it is lost
	SameValue                          // the register still has it
	AtOffset                           // in memory, Offset from the frame's address
	IsOffset                           // it is the frame's address and Offset
	OtherRegister                      // in Register
	AtExpression                       // in memory where the expression says
	IsExpression                       // it is what the expression says
	CFARegister                        // the frame's address is Register and Offset
)

// FrameRules say how to find the caller's frame at an instruction.
type FrameRules struct {
	CFA           FrameRule         // the frame's address: CFARegister or IsExpression
	Registers     map[int]FrameRule // by their DWARF numbers
	ReturnAddress int               // the number of the register with the caller's pc
	Signal        bool              // the frame was not called, but interrupted another
}

// Rules returns the rules at an address, if there are any.
func (f *Frames) Rules(addr uint64) (FrameRules, bool) {
	e := f.find(addr)
	if e == nil {
		return FrameRules{}, false
	}
	x := frameExecution{common: e.common, loc: e.begin, until: addr}
	x.rules.Registers = map[int]FrameRule{}
	x.run(e.common.program)
	x.initial = x.rules.clone()
	x.run(e.program)
	if x.bad {
		return FrameRules{}, false
	}
	x.rules.ReturnAddress, x.rules.Signal = e.common.returnAddress, e.common.signal
	return x.rules, true
}

func (r FrameRules) clone() FrameRules {
	registers := make(map[int]FrameRule, len(r.Registers))
	for n, rule := range r.Registers {
		registers[n] = rule
	}
	r.Registers = registers
	return r
}

// frameExecution executes the instructions that build the rules of an address.
type frameExecution struct {
	common     *frameCommon
	rules      FrameRules
	initial    FrameRules
	remembered []FrameRules
	loc, until uint64
	bad        bool
}

// maxRemembered bounds the rules that a program can put aside.
const maxRemembered = 64

// run executes a program up to the address that is asked for.
func (x *frameExecution) run(program []byte) {
	f := fields{data: program}
	for len(f.data) > 0 && !x.bad {
		op := byte(f.unsigned(1))
		switch low := int(op & 0x3f); op >> 6 {
		case 1: // DW_CFA_advance_loc
			x.loc += uint64(low) * x.common.codeAlign
		case 2: // DW_CFA_offset
			x.set(low, FrameRule{Kind: AtOffset, Offset: int64(f.uleb()) * x.common.dataAlign})
		case 3: // DW_CFA_restore
			x.restore(low)
		default:
			x.extended(op, &f)
		}
		x.bad = x.bad || f.bad
		if x.loc > x.until {
			return
		}
	}
}

func (x *frameExecution) set(register int, rule FrameRule) { x.rules.Registers[register] = rule }

func (x *frameExecution) restore(register int) {
	if rule, ok := x.initial.Registers[register]; ok {
		x.rules.Registers[register] = rule
	} else {
		delete(x.rules.Registers, register)
	}
}

// extended executes the instructions that have no operand in their first byte
// (DWARF 5, section 7.24).
func (x *frameExecution) extended(op byte, f *fields) {
	scaled := func(v int64) int64 { return v * x.common.dataAlign }
	switch op {
	case 0x00: // DW_CFA_nop
	case 0x01: // DW_CFA_set_loc
		x.loc = f.unsigned(x.common.sizes)
	case 0x02, 0x03, 0x04: // DW_CFA_advance_loc1, 2, 4
		x.loc += f.unsigned(1<<(op-2)) * x.common.codeAlign
	case 0x05: // DW_CFA_offset_extended
		x.set(int(f.uleb()), FrameRule{Kind: AtOffset, Offset: scaled(int64(f.uleb()))})
	case 0x06: // DW_CFA_restore_extended
		x.restore(int(f.uleb()))
	case 0x07: // DW_CFA_undefined
		x.set(int(f.uleb()), FrameRule{Kind: Undefined})
	case 0x08: // DW_CFA_same_value
		x.set(int(f.uleb()), FrameRule{Kind: SameValue})
	case 0x09: // DW_CFA_register
		x.set(int(f.uleb()), FrameRule{Kind: OtherRegister, Register: int(f.uleb())})
	case 0x0a: // DW_CFA_remember_state
		x.bad = x.bad || len(x.remembered) >= maxRemembered
		x.remembered = append(x.remembered, x.rules.clone())
	case 0x0b: // DW_CFA_restore_state
		if len(x.remembered) == 0 {
			x.bad = true
			return
		}
		x.rules = x.remembered[len(x.remembered)-1]
		x.remembered = x.remembered[:len(x.remembered)-1]
	case 0x0c: // DW_CFA_def_cfa
		x.rules.CFA = FrameRule{Kind: CFARegister, Register: int(f.uleb()), Offset: int64(f.uleb())}
	case 0x0d: // DW_CFA_def_cfa_register
		x.rules.CFA = FrameRule{Kind: CFARegister, Register: int(f.uleb()), Offset: x.rules.CFA.Offset}
	case 0x0e: // DW_CFA_def_cfa_offset
		x.rules.CFA.Offset = int64(f.uleb())
	case 0x0f: // DW_CFA_def_cfa_expression
		x.rules.CFA = FrameRule{Kind: IsExpression, Expression: f.block()}
	case 0x10: // DW_CFA_expression
		x.set(int(f.uleb()), FrameRule{Kind: AtExpression, Expression: f.block()})
	case 0x11: // DW_CFA_offset_extended_sf
		x.set(int(f.uleb()), FrameRule{Kind: AtOffset, Offset: scaled(f.sleb())})
	case 0x12: // DW_CFA_def_cfa_sf
		x.rules.CFA = FrameRule{Kind: CFARegister, Register: int(f.uleb()), Offset: scaled(f.sleb())}
	case 0x13: // DW_CFA_def_cfa_offset_sf
		x.rules.CFA.Offset = scaled(f.sleb())
	case 0x14: // DW_CFA_val_offset
		x.set(int(f.uleb()), FrameRule{Kind: IsOffset, Offset: scaled(int64(f.uleb()))})
	case 0x15: // DW_CFA_val_offset_sf
		x.set(int(f.uleb()), FrameRule{Kind: IsOffset, Offset: scaled(f.sleb())})
	case 0x16: // DW_CFA_val_expression
		x.set(int(f.uleb()), FrameRule{Kind: IsExpression, Expression: f.block()})
	case 0x2e: // DW_CFA_GNU_args_size
		f.uleb()
	default:
		x.bad = true
	}
}
