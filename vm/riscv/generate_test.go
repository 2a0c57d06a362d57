package riscv

import (
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
