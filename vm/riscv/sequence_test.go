package riscv

import "encoding/binary"

// write lays out the instructions.
func (g *generator) write() {
	c := g.c
	if g.mode == Machine && c.satp != 0 {
		g.safe = false
		g.csr(OpCSRRW, 0, csrMstatus, regMPRV)
	}
	count := 20 + g.IntN(120)
	for len(g.pieces) < count {
		g.instruction()
	}
	room := maxCode - 8
	total := 0
	for i, p := range g.pieces {
		if total += p.size; total > room {
			g.pieces = g.pieces[:i]
			break
		}
	}
	if c.start+uint64(room) > codeAt+2*PageSize-16 {
		c.start = codeAt + PageSize
	}
	at := make([]int, len(g.pieces)+1)
	for i, p := range g.pieces {
		at[i+1] = at[i] + p.size
	}
	for i, p := range g.pieces {
		for p.to < len(g.pieces) && g.pieces[p.to].inner {
			p.to++
		}
		to := at[min(p.to, len(g.pieces))]
		raw := p.raw
		switch {
		case p.from >= 0:
			raw |= uint32(to-at[p.from]) << 20
		case p.to > 0:
			raw = withOffset(raw, p.size, int64(to-at[i]))
		}
		c.code = binary.LittleEndian.AppendUint32(c.code, raw)[:at[i+1]]
	}
	c.code = binary.LittleEndian.AppendUint32(c.code, rows[OpECALL].match)
	c.end = c.codeVA + c.start - codeAt + uint64(at[len(g.pieces)])
	c.entry = c.codeVA + c.start - codeAt
}

// withOffset puts the offset into a branch or jump.
func withOffset(raw uint32, size int, off int64) uint32 {
	o := uint32(off)
	switch {
	case size == 2 && raw>>13&7 == 5: // c.j
		return raw | o>>11&1<<12 | o>>4&1<<11 | o>>8&3<<9 | o>>10&1<<8 | o>>6&1<<7 | o>>7&1<<6 | o>>1&7<<3 | o>>5&1<<2
	case size == 2: // c.beqz, c.bnez
		return raw | o>>8&1<<12 | o>>3&3<<10 | o>>6&3<<5 | o>>1&3<<3 | o>>5&1<<2
	case raw&0x7f == 0x6f:
		return raw | o>>20&1<<31 | o>>1&0x3ff<<21 | o>>11&1<<20 | o>>12&0xff<<12
	default:
		return raw | o>>12&1<<31 | o>>5&0x3f<<25 | o>>1&0xf<<8 | o>>11&1<<7
	}
}

func (g *generator) emit(raw uint32) {
	size := 4
	if raw&3 != 3 {
		size = 2
	}
	g.pieces = append(g.pieces, piece{raw: raw, size: size, from: -1})
}

// ahead is the number of a piece a little further on.
func (g *generator) ahead() int { return len(g.pieces) + 1 + g.IntN(6) }

// source draws a register to read, destination one to write: mostly of few, so that they meet.
func (g *generator) source() uint32 {
	if g.chance(3) {
		return g.Uint32N(32)
	}
	return 8 + g.Uint32N(8)
}

func (g *generator) destination() uint32 {
	for {
		n := g.source()
		if n < regStatus && n != regSafe && (n != 2 || g.chance(8)) {
			return n
		}
	}
}

func (g *generator) base() uint32 { return uint32(dataBases[g.IntN(len(dataBases))]) }

// csr emits a CSR instruction.
func (g *generator) csr(op Op, rd uint32, number uint16, source uint32) {
	g.emit(rows[op].match | rd<<7 | source<<15 | uint32(number)<<20)
}

// instruction emits one instruction, or a few that belong together.
func (g *generator) instruction() {
	first := len(g.pieces)
	g.choose()
	for i := first + 1; i < len(g.pieces); i++ {
		g.pieces[i].inner = true
	}
}

func (g *generator) choose() {
	if g.float && !g.chance(4) {
		g.fromTable(OpFLW, OpFCVTHLU)
		return
	}
	switch g.IntN(20) {
	case 0, 1:
		g.compressed()
	case 2, 3:
		g.fromTable(OpBEQ, OpBGEU)
	case 4:
		g.jump()
	case 5:
		g.status()
	case 6:
		g.privileged()
	case 7, 8:
		g.atomic()
	case 9, 10, 11, 12:
		g.fromTable(OpFLW, OpFCVTHLU)
	case 13, 14:
		g.fromTable(OpLB, OpSD)
	case 15:
		g.fromTable(OpADDUW, OpBSETI)
	case 16:
		g.fromTable(OpMUL, OpREMUW)
	case 17:
		g.word()
	default:
		g.fromTable(OpADDI, OpSRAW)
	}
}

// fromTable emits a row between two, with operands as its format has them.
func (g *generator) fromTable(first, last Op) {
	op := first + Op(g.IntN(int(last-first)+1))
	if op == OpCTZW { // qemu 7.2 counts on into the upper word
		return
	}
	r := rows[op]
	raw := r.match | g.Uint32()&^r.mask
	fields := func(rd, rs1 uint32) {
		raw = (raw&^(31<<7|31<<15) | rd<<7 | rs1<<15) &^ r.mask
		raw |= r.match
	}
	switch r.format {
	case FmtLoad, FmtLR, FmtAMO:
		fields(g.destination(), g.base())
	case FmtFLoad:
		fields(g.Uint32N(32), g.base())
	case FmtStore, FmtFStore:
		fields(raw>>7&31, g.base())
	case FmtBranch:
		raw = (raw&^(31<<15|31<<20|0xfe000f80) | g.source()<<15 | g.source()<<20)
		g.pieces = append(g.pieces, piece{raw: raw, size: 4, to: g.ahead(), from: -1})
		return
	case FmtXF, FmtXFRm, FmtFCmp:
		fields(g.destination(), raw>>15&31)
	case FmtFX, FmtFXRm, FmtFXExact:
		fields(raw>>7&31, g.source())
	case FmtR, FmtR1, FmtI, FmtShift, FmtShiftW:
		fields(g.destination(), g.source())
		if r.format == FmtR && g.chance(2) {
			raw = raw&^(31<<20) | g.source()<<20
		}
	}
	switch r.format {
	case FmtLoad, FmtFLoad: // small offsets stay by the page's end
		if g.chance(2) {
			raw = raw&^(0xfff<<20) | g.Uint32N(16)<<20
		}
	case FmtStore, FmtFStore:
		if g.chance(2) {
			raw = raw&^(0x7f<<25|31<<7) | g.Uint32N(16)<<7
		}
	}
	switch {
	case !g.aligned:
	case r.format == FmtLoad || r.format == FmtFLoad:
		raw &^= 7 << 20
	case r.format == FmtStore || r.format == FmtFStore:
		raw &^= 7 << 7
	}
	g.emit(raw)
}

// atomic emits an AMO, an LR, or an LR and the SC that belongs to it. Of another SC qemu does not
// look at the address, so that it raises no exception.
func (g *generator) atomic() {
	switch {
	case !g.chance(4):
		for {
			n := len(g.pieces)
			g.fromTable(OpLRW, OpAMOMAXUD)
			if op := Decode(g.pieces[n].raw, ISAAll).Op; op != OpSCW && op != OpSCD {
				return
			}
			g.pieces = g.pieces[:n]
		}
	case g.safe:
		double := Op(g.IntN(2)) * (OpLRD - OpLRW)
		g.emit(rows[OpLRW+double].match | g.destination()<<7 | regSafe<<15 | g.Uint32N(4)<<25)
		for range g.IntN(3) {
			g.fromTable(OpADDI, OpSRAW)
		}
		g.emit(rows[OpSCW+double].match | g.destination()<<7 | regSafe<<15 | g.source()<<20 | g.Uint32N(4)<<25)
	}
}

// jump emits a jump a little ahead.
func (g *generator) jump() {
	to := g.ahead()
	switch g.IntN(4) {
	case 0:
		g.pieces = append(g.pieces, piece{raw: 0xa001, size: 2, to: to, from: -1})
	case 1:
		g.pieces = append(g.pieces, piece{raw: 0xc001 | g.Uint32N(2)<<13 | g.Uint32N(8)<<7, size: 2, to: to, from: -1})
	case 2:
		g.pieces = append(g.pieces, piece{raw: rows[OpJAL].match | []uint32{0, regLink}[g.IntN(2)]<<7, size: 4, to: to, from: -1})
	case 3:
		auipc := len(g.pieces)
		g.emit(rows[OpAUIPC].match | regLink<<7)
		g.pieces = append(g.pieces, piece{
			raw: rows[OpJALR].match | []uint32{0, regLink}[g.IntN(2)]<<7 | regLink<<15, size: 4, to: to + 1, from: auipc,
		})
	}
}

// status emits an access to a control and status register.
func (g *generator) status() {
	op := OpCSRRW + Op(g.IntN(6))
	immediate := g.Uint32N(32)
	rd := g.destination()
	switch g.IntN(12) {
	case 0, 1, 2: // fflags, frm, fcsr
		g.csr(op, rd, uint16(1+g.IntN(3)), immediate)
	case 3:
		g.csr(OpCSRRS+Op(g.IntN(2)), rd, csrSstatus, []uint32{regSUM, regPIE, regFS, 0, regStatus}[g.IntN(5)])
	case 4: // counters: only whether they may be read
		g.csr(OpCSRRS, 0, csrCycle+uint16(g.IntN(4)), 0)
	case 5:
		g.csr(op, rd, csrSscratch, immediate)
	case 6: // sie, sip
		if g.c.mip&^SSIP != 0 {
			break
		}
		g.csr(OpCSRRSI+Op(g.IntN(2)), rd, []uint16{csrSie, csrSip}[g.IntN(2)], immediate&2)
	case 7:
		g.csr(OpCSRRS, rd, []uint16{
			csrSie, csrSip, csrSstatus, csrSatp, csrStvec, csrScounteren, csrSenvcfg, csrSepc, csrScause, csrStimecmp,
			csrMstatus, csrMie, csrMip, csrMideleg, csrMedeleg, csrMisa, csrMhartid, csrMenvcfg, csrPmpaddr0, csrPmpcfg0,
		}[g.IntN(20)], 0)
	case 8: // one that there is not
		g.csr(op, rd, []uint16{0x000, 0x105 + 0x4ff, 0x5c0, 0x800, 0x9c0, 0xcc0, 0xdc0, 0xfc0, 0x3a1, 0x747, 0x180 + 0x80}[g.IntN(11)], immediate)
	case 9: // read-only, or of a mode above
		if g.mode != Machine {
			g.csr(op, rd, []uint16{csrMhartid, csrMcycle, csrMisa, csrMscratch, csrMstatus}[g.IntN(5)], immediate&1)
		}
	case 10:
		g.csr(OpCSRRW, rd, csrScounteren, uint32(regSUM))
	case 11:
		g.csr(OpCSRRSI, rd, csrSenvcfg, immediate&1)
	}
}

// privileged emits what depends on the mode.
func (g *generator) privileged() {
	switch g.IntN(10) {
	case 0:
		g.emit(rows[OpECALL].match)
	case 1:
		g.emit([]uint32{rows[OpEBREAK].match, 0x9002}[g.IntN(2)])
	case 2:
		g.emit(rows[OpSFENCEVMA].match | g.Uint32()&(31<<15|31<<20))
	case 3:
		if g.mode != User && !g.returned { // the specification has these trap in U-mode, qemu does not
			g.emit([]uint32{rows[OpSFENCEWINVAL].match, rows[OpSFENCEINVALIR].match}[g.IntN(2)])
		}
		g.emit(rows[OpSINVALVMA].match | g.Uint32()&(31<<15|31<<20))
	case 4:
		g.emit([]uint32{rows[OpFENCE].match | 0x0ff00000, rows[OpFENCEI].match, rows[OpPAUSE].match}[g.IntN(3)])
	case 5:
		if g.mode == User || g.c.mstatus&statusTW != 0 && g.mode == Supervisor {
			g.emit(rows[OpWFI].match)
		}
	case 6, 7: // to a little ahead by sret, in the mode that SPP has
		if g.mode == Machine && g.c.satp != 0 {
			break // sret does not clear MPRV in qemu 7.2 (privileged ISA, 3.1.6.3)
		}
		g.returned = true
		auipc := len(g.pieces)
		g.emit(rows[OpAUIPC].match | regLink<<7)
		g.pieces = append(g.pieces, piece{raw: rows[OpADDI].match | regLink<<7 | regLink<<15, size: 4, to: auipc + 4, from: auipc})
		g.csr(OpCSRRW, 0, csrSepc, regLink)
		g.emit(rows[OpSRET].match)
	case 8:
		if g.mode != Machine {
			g.emit(rows[OpMRET].match)
		}
	case 9:
		g.emit([]uint32{0, 0xffffffff, 0x0000, 0x9c41, 0x6101, 0x4002}[g.IntN(6)])
	}
}

// compressed emits a 16-bit instruction, word a 32-bit one, that may be anything harmless.
func (g *generator) compressed() {
	g.harmless(func() uint32 { return g.Uint32()&0xfffc | g.Uint32N(3) })
}

func (g *generator) word() { g.harmless(func() uint32 { return g.Uint32() | 3 }) }

// harmless emits a random encoding that does not jump, does not wait and does not write a register
// that is to stay.
func (g *generator) harmless(draw func() uint32) {
	for {
		raw := draw()
		i := Decode(raw, ISAAll)
		switch i.Op {
		case OpJAL, OpJALR, OpBEQ, OpBNE, OpBLT, OpBGE, OpBLTU, OpBGEU, OpWFI, OpMRET, OpSRET, OpSCW, OpSCD, OpCTZW,
			OpSFENCEWINVAL, OpSFENCEINVALIR, OpECALL, OpCSRRW, OpCSRRS, OpCSRRC, OpCSRRWI, OpCSRRSI, OpCSRRCI, OpAUIPC:
			continue
		case OpLUI:
			if i.Imm > 0 {
				continue // it might become the address of a device
			}
		}
		if f := i.Op.Format(); g.aligned && (f == FmtLoad || f == FmtStore || f == FmtFLoad || f == FmtFStore) {
			continue
		}
		if float := floatOperands[min(int(i.Op), NumOps-1)]; i.Op != OpIllegal && float&floatRd == 0 && (i.Rd >= regStatus || i.Rd == regSafe) {
			continue
		}
		if raw&3 == 3 && raw&0x1f == 0x1f { // longer encodings
			continue
		}
		g.emit(raw)
		return
	}
}
