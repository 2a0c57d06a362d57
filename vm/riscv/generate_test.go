package riscv

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// floatCorners are encodings around which the formats change their behaviour, boxed or not.
var floatCorners = func() (list []uint64) {
	for _, magnitude := range []uint64{
		0, 1, 0xfffffffffffff, 1 << 52, 0x3fefffffffffffff, 0x3ff0000000000000, 0x3ff0000000000001,
		0x43e0000000000000, 0x41e0000000000000, 0x7fefffffffffffff, 0x7ff0000000000000, 0x7ff0000000000001, 0x7ff8000000000000,
	} {
		list = append(list, magnitude, magnitude|signBit)
	}
	for _, magnitude := range []uint64{
		0, 1, 0x7fffff, 0x800000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x4f000000, 0x5f000000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000,
	} {
		list = append(list, magnitude|boxed, magnitude|boxed|1<<31)
	}
	for _, magnitude := range []uint64{
		0, 1, 0x3ff, 0x400, 0x3bff, 0x3c00, 0x3c01, 0x7800, 0x7bff, 0x7c00, 0x7c01, 0x7e00,
	} {
		list = append(list, magnitude|boxedHalf, magnitude|boxedHalf|1<<15)
	}
	return list
}()

// Registers with a part in every case. Nothing in a case writes regSafe and those from regStatus on.
const (
	regSafe   = 3 // gp: the address of a double word that can be written
	regLink   = 5 // t0: holds addresses of code
	regStatus = 27
	regSUM    = 28
	regPIE    = 29
	regFS     = 30
	regMPRV   = 31
)

// dataBases are the registers that begin as addresses of data.
var dataBases = []uint8{2, 8, 9, 10, 11, 12}

// generator makes cases from random numbers.
type generator struct {
	*rand.Rand
	c        *testCase
	mode     Mode // in which the case begins
	dataVA   uint64
	safe     bool // the data can be written
	aligned  bool // with PMP: of an access in parts, each may be checked alone, or the whole
	returned bool // there has been an sret
	pieces   []piece
	regions  []mapped
	tables   map[uint64]uint64 // by the address of the entry that points there
	vectored uint64            // the mode of stvec
	float    bool              // mostly floating point
}

// piece is an instruction of a case.
type piece struct {
	raw  uint32
	size int
	to   int // number of the piece that it goes to, if it is a jump
	from int // for the second half of a pair, the number of its auipc; else -1
	// inner is an instruction that belongs to the one before it: nothing jumps there.
	inner bool
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// generateCase makes a case from a seed.
func generateCase(seed, number uint64) *testCase {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number)), c: new(testCase), tables: map[uint64]uint64{}}
	g.setStatus()
	g.setPaging()
	g.setProtection()
	g.setRegisters()
	g.write()
	return g.c
}

// setStatus chooses the mode and the registers that govern traps.
func (g *generator) setStatus() {
	c := g.c
	g.mode = []Mode{Machine, Supervisor, Supervisor, User, User}[g.IntN(5)]
	c.mstatus = uint64(g.mode) << statusMPPShift
	if !g.chance(16) {
		c.mstatus |= statusFS
	}
	for _, bit := range []uint64{statusSUM, statusMXR, statusSPIE, statusSIE, statusSPP, statusMPIE} {
		if g.chance(2) {
			c.mstatus |= bit
		}
	}
	for _, bit := range []uint64{statusTVM, statusTW, statusTSR} {
		if g.chance(6) {
			c.mstatus |= bit
		}
	}
	c.fcsr = g.Uint64N(8)<<5&0xe0 | g.Uint64N(32)
	if g.chance(2) { // mostly a rounding mode that there is
		c.fcsr = g.Uint64N(5)<<5 | g.Uint64N(32)
	}
	if g.chance(3) { // where the host may compute
		c.fcsr = 1
	}
	g.float = g.chance(5)
	if g.chance(2) {
		c.medeleg = g.Uint64() & (1<<causeIllegal | 1<<causeBreakpoint | 1<<causeLoadMisaligned | 1<<causeLoadAccess |
			1<<causeStoreMisaligned | 1<<causeStoreAccess | 1<<causeCallU | 1<<causeLoadPage | 1<<causeStorePage)
	}
	if g.chance(3) {
		c.mideleg = g.Uint64() & supervisorInterrupts
		c.mie = g.Uint64() & allInterrupts
		// One at a time: of several, qemu takes the one with the lowest number, where the
		// specification has an order (privileged ISA, 3.1.9).
		c.mip = []uint64{SSIP, STIP, SEIP}[g.IntN(3)]
	}
	c.mcounteren, c.scounteren = g.Uint64()&7, g.Uint64()&7
	if g.chance(2) {
		c.menvcfg = envSTCE
	}
	c.sscratch = g.Uint64()
	g.vectored = uint64(g.IntN(2))
	c.x[0] = uint64(g.IntN(2)) // the mode of mtvec has the place of x0
}

// setPaging chooses where the virtual addresses are, and builds the tables.
func (g *generator) setPaging() {
	c := g.c
	levels := []int{0, 0, 3, 4, 5}[g.IntN(5)]
	c.start = codeAt + g.Uint64N(1500)*2
	if !g.chance(3) {
		c.start = codeAt + PageSize - g.Uint64N(150)*2
	}
	c.codeVA, g.dataVA = codeAt, dataAt
	c.stvec = handlerAt | g.vectored
	g.safe = true
	if levels == 0 {
		return
	}
	root := uint64(tablesAt)
	c.satp = uint64(levels-3+modeSv39)<<satpModeShift | root>>pageShift
	if g.chance(3) {
		c.satp |= g.Uint64N(1<<16) << 44 // ASID
	}
	size := []int{0, 0, 0, 1, 2, 3, 4}[:levels+2]
	handler, code, data := g.IntN(2), size[g.IntN(len(size))], size[g.IntN(len(size))]
	user := uint64(0)
	if g.mode == User || g.mode == Machine && !g.chance(4) {
		user = pteU
	}
	h := g.region(levels, handler)
	g.mapRange(levels, handler, h, handlerAt, 1, pteV|pteR|pteX|pteA|pteD)
	c.stvec = handlerAt + h | g.vectored
	if g.mode != Machine {
		up := g.region(levels, code)
		flags := pteV | pteX | user | g.Uint64()&(pteR|pteA|pteD|1<<5)
		g.mapRange(levels, code, up, codeAt, 2, flags)
		c.codeVA = codeAt + up
	}
	up := g.region(levels, data)
	before := len(c.pokes)
	flags := pteV | pteR | pteW | user | g.Uint64()&(pteX|pteA|pteD|1<<5)
	wrong := g.IntN(8)
	switch g.safe = wrong > 2; wrong {
	case 0:
		flags ^= pteU
	case 1:
		flags &^= pteW
	case 2:
		flags = flags&^(pteR|pteW) | pteX
	}
	g.mapRange(levels, data, up, dataAt, 2, flags)
	g.dataVA = dataAt + up
	if g.chance(5) {
		g.safe = false
		g.spoil(&c.pokes[before+g.IntN(len(c.pokes)-before)].value)
	}
}

// region chooses how far above its physical address a region is mapped, so that a leaf of the given
// level can map it and no other region is in the way.
func (g *generator) region(levels, leaf int) uint64 {
	leaf = min(leaf, levels-1)
	unit := uint64(1) << (pageShift + vpnBits*max(leaf, 3))
	if leaf < 3 && (levels == 3 || g.chance(2)) {
		unit = 1 << 32
	}
	top := uint64(1) << (pageShift + vpnBits*levels - 1)
	for {
		up := g.Uint64N(max(top/unit, 1)) * unit
		if g.chance(3) {
			up -= top
		}
		r := mapped{up, pageShift + vpnBits*max(leaf, 2)}
		if !slices.ContainsFunc(g.regions, r.meets) {
			g.regions = append(g.regions, r)
			return up
		}
	}
}

// mapped is a region: the addresses that begin like up, but for the lowest bits.
type mapped struct {
	up   uint64
	bits int
}

func (r mapped) meets(other mapped) bool {
	n := max(r.bits, other.bits)
	return r.up>>n == other.up>>n
}

// mapRange maps pages from pa to pa+up by leaves of one level.
func (g *generator) mapRange(levels, leaf int, up, pa uint64, pages int, flags uint64) {
	leaf = min(leaf, levels-1)
	for n := range pages {
		va := pa + up + uint64(n)<<pageShift
		table := uint64(tablesAt)
		for level := levels - 1; level > leaf; level-- {
			at := table + va>>(pageShift+vpnBits*level)&511<<3
			next, ok := g.tables[at]
			if !ok {
				next = tablesAt + uint64(len(g.tables)+1)<<pageShift
				g.tables[at] = next
				g.c.pokes = append(g.c.pokes, poke{at, next>>pageShift<<ptePPNShift | pteV})
			}
			table = next
		}
		at := table + va>>(pageShift+vpnBits*leaf)&511<<3
		if _, ok := g.tables[at]; ok {
			continue // the same large leaf again, or one that another region has
		}
		g.tables[at] = 0
		frame := (pa + uint64(n)<<pageShift) &^ (1<<(pageShift+vpnBits*leaf) - 1)
		g.c.pokes = append(g.c.pokes, poke{at, frame>>pageShift<<ptePPNShift | flags})
	}
}

// spoil makes an entry wrong.
func (g *generator) spoil(entry *uint64) {
	switch g.IntN(8) {
	case 0:
		*entry &^= pteV
	case 1:
		*entry |= 1 << (54 + g.IntN(10))
	case 2:
		*entry = *entry&^pteR | pteW
	case 3:
		*entry ^= 1 << (ptePPNShift + g.IntN(3))
	case 4:
		*entry = *entry&0x3ff | nowhere>>pageShift<<ptePPNShift
	case 5:
		*entry ^= []uint64{pteA, pteD, pteU}[g.IntN(3)]
	case 6:
		*entry &^= pteR | pteW | pteX
	case 7:
		*entry |= pteX
	}
}

// setProtection gives PMP entries around the data, or around what the walks read.
func (g *generator) setProtection() {
	c := g.c
	if !g.chance(4) {
		return
	}
	g.safe, g.aligned = false, true
	for i := range 1 + g.IntN(4) {
		around, tables := uint64(dataAt+PageSize), false
		if c.satp != 0 && g.chance(6) {
			around = tablesAt + g.Uint64N(8)<<pageShift
			// qemu writes A and D where the walk may only read.
			tables = true
		}
		addr := around + uint64(g.IntN(3)-1)<<g.IntN(13)
		cfg := g.Uint64() & (pmpRead | pmpWrite | pmpExec)
		if cfg&(pmpRead|pmpWrite) == pmpWrite || tables && cfg&pmpRead != 0 {
			cfg |= pmpRead | pmpWrite
		}
		c.pmpaddr[i] = addr >> 2
		switch g.IntN(4) {
		case 0:
			cfg |= pmpTOR
			if g.chance(2) && i > 0 {
				c.pmpaddr[i-1] = min(c.pmpaddr[i-1], addr>>2)
			}
		case 1:
			cfg |= pmpNA4
		case 2:
			cfg |= pmpNAPOT
			c.pmpaddr[i] |= 1<<g.IntN(11) - 1
		}
		c.pmpcfg |= cfg << (8 * i)
	}
	// The first entry keeps the code within reach.
	c.pmpcfg = c.pmpcfg&^0xff | pmpNAPOT | pmpRead | pmpExec
	c.pmpaddr[0] = codeAt>>2 | (2*PageSize>>3 - 1)
}

// integer draws a number, often around a power of two.
func (g *generator) integer() uint64 {
	v := g.Uint64() >> g.IntN(64)
	switch g.IntN(6) {
	case 0:
		v = 1<<g.IntN(64) + uint64(g.IntN(5)) - 2
	case 1:
		v = uint64(int64(int32(v)))
	case 2:
		v = -v
	case 3:
		v = []uint64{0, 1, ^uint64(0), 1 << 63, 1<<63 - 1, 1 << 31, 1<<31 - 1, 0xffffffff80000000, 0xffffffff}[g.IntN(9)]
	}
	return v
}

// address draws an address in or beside the data.
func (g *generator) address() uint64 {
	middle := g.dataVA + PageSize
	switch g.IntN(12) {
	case 0:
		return g.dataVA + g.Uint64N(64)
	case 1:
		return g.dataVA + 2*PageSize - g.Uint64N(64)
	case 2:
		return middle ^ 1<<(38+g.IntN(26)) // perhaps no address at all
	case 3, 4:
		return g.dataVA + g.Uint64N(2*PageSize)
	}
	return middle + g.Uint64N(64) - 32
}

func (g *generator) setRegisters() {
	c := g.c
	for n := 1; n < 32; n++ {
		c.x[n] = g.integer()
	}
	for _, n := range dataBases {
		c.x[n] = g.address()
		if g.aligned || g.chance(2) {
			c.x[n] &^= 7
		}
	}
	for n := range c.f {
		switch g.IntN(4) {
		case 0:
			c.f[n] = floatCorners[g.IntN(len(floatCorners))]
		case 1:
			c.f[n] = uint64(g.Uint32()) | boxed
		case 2:
			c.f[n] = uint64(g.Uint32()>>16) | boxedHalf
		default:
			c.f[n] = g.Uint64()
			if g.chance(2) { // near 1, so that sums cancel
				c.f[n] = c.f[n]&^(0x7ff<<52) | (0x3ff+g.Uint64N(60)-30)<<52
			}
		}
	}
	c.x[regSafe] = (g.dataVA + g.Uint64N(2*PageSize)) &^ 7
	c.x[regStatus] = statusSIE | statusSPIE | statusSPP
	c.x[regSUM] = statusSUM | statusMXR
	c.x[regPIE] = statusSUM
	c.x[regFS] = statusFS
	c.x[regMPRV] = statusMPRV | []uint64{0, 1, 3}[g.IntN(3)]<<statusMPPShift | c.mstatus&(statusFS|statusSUM|statusMXR)
}

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
