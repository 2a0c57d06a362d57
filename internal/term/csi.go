package term

import (
	"fmt"
	"slices"
)

// function names a control sequence: private marker, intermediate and final
// byte.
type function struct{ prefix, inter, final byte }

// functions is what the terminal understands after CSI: ECMA-48, the VT220 to
// VT510 manuals and xterm's control sequence list.
var functions = map[function]func(s *Screen){
	{final: '@'}: func(s *Screen) { s.shiftRight(s.x, s.count()); s.pending = false },                   // ICH
	{final: 'A'}: func(s *Screen) { s.moveUp(s.count()) },                                               // CUU
	{final: 'B'}: func(s *Screen) { s.moveDown(s.count()) },                                             // CUD
	{final: 'C'}: func(s *Screen) { s.moveColumn(s.x + s.count()) },                                     // CUF
	{final: 'D'}: func(s *Screen) { s.moveColumn(s.x - s.count()) },                                     // CUB
	{final: 'E'}: func(s *Screen) { s.moveDown(s.count()); s.x = 0 },                                    // CNL
	{final: 'F'}: func(s *Screen) { s.moveUp(s.count()); s.x = 0 },                                      // CPL
	{final: 'G'}: func(s *Screen) { s.moveColumn(s.count() - 1) },                                       // CHA
	{final: 'H'}: func(s *Screen) { s.moveTo(s.dec.param(1, 1)-1, s.dec.param(0, 1)-1) },                // CUP
	{final: 'I'}: func(s *Screen) { s.tab(s.count()) },                                                  // CHT
	{final: 'J'}: func(s *Screen) { s.eraseDisplay(s.dec.param(0, 0)) },                                 // ED
	{final: 'K'}: func(s *Screen) { s.eraseLine(s.dec.param(0, 0)) },                                    // EL
	{final: 'L'}: func(s *Screen) { s.insertLines(s.count()) },                                          // IL
	{final: 'M'}: func(s *Screen) { s.deleteLines(s.count()) },                                          // DL
	{final: 'P'}: func(s *Screen) { s.shiftLeft(s.x, s.count()); s.pending = false },                    // DCH
	{final: 'S'}: func(s *Screen) { s.scrollUp(s.top, s.bottom, s.count(), true) },                      // SU
	{final: 'T'}: func(s *Screen) { s.scrollDown(s.top, s.bottom, s.count()) },                          // SD
	{final: '^'}: func(s *Screen) { s.scrollDown(s.top, s.bottom, s.count()) },                          // SD, as ECMA-48 had it
	{final: 'X'}: func(s *Screen) { s.erase(s.y, s.x, min(s.x+s.count(), s.width)); s.pending = false }, // ECH
	{final: 'Z'}: func(s *Screen) { s.backTab(s.count()) },                                              // CBT
	{final: '`'}: func(s *Screen) { s.moveColumn(s.count() - 1) },                                       // HPA
	{final: 'a'}: func(s *Screen) { s.moveColumn(s.x + s.count()) },                                     // HPR
	{final: 'b'}: func(s *Screen) { s.repeat(s.count()) },                                               // REP
	{final: 'c'}: func(s *Screen) { s.attributes("?62;22", s.dec.param(0, 0)) },                         // DA: VT220 with colour
	{final: 'd'}: func(s *Screen) { s.moveRow(s.count() - 1) },                                          // VPA
	{final: 'e'}: func(s *Screen) { s.moveDown(s.count()) },                                             // VPR
	{final: 'f'}: func(s *Screen) { s.moveTo(s.dec.param(1, 1)-1, s.dec.param(0, 1)-1) },                // HVP
	{final: 'g'}: func(s *Screen) { s.clearTab(s.dec.param(0, 0)) },                                     // TBC
	{final: 'h'}: func(s *Screen) { s.setModes(true) },                                                  // SM
	{final: 'l'}: func(s *Screen) { s.setModes(false) },                                                 // RM
	{final: 'm'}: (*Screen).selectGraphics,                                                              // SGR
	{final: 'n'}: func(s *Screen) { s.status(s.dec.param(0, 0), "") },                                   // DSR
	{final: 'r'}: func(s *Screen) { s.setRegion(s.dec.param(0, 1)-1, s.dec.param(1, s.height)-1) },      // DECSTBM
	{final: 's'}: (*Screen).save,                                                                        // SCOSC
	{final: 't'}: func(s *Screen) { s.window(s.dec.param(0, 0)) },                                       // XTWINOPS
	{final: 'u'}: (*Screen).restore,                                                                     // SCORC

	{inter: '!', final: 'p'}: (*Screen).softReset,                                        // DECSTR
	{inter: '$', final: 'p'}: func(s *Screen) { s.reportMode(false, s.dec.param(0, 0)) }, // DECRQM
	{inter: ' ', final: 'q'}: func(s *Screen) { s.cursorStyle(s.dec.param(0, 1)) },       // DECSCUSR

	{prefix: '?', final: 'J'}:             func(s *Screen) { s.eraseDisplay(s.dec.param(0, 0)) },          // DECSED, nothing is protected
	{prefix: '?', final: 'K'}:             func(s *Screen) { s.eraseLine(s.dec.param(0, 0)) },             // DECSEL
	{prefix: '?', final: 'h'}:             func(s *Screen) { s.setModes(true) },                           // DECSET
	{prefix: '?', final: 'l'}:             func(s *Screen) { s.setModes(false) },                          // DECRST
	{prefix: '?', final: 'n'}:             func(s *Screen) { s.status(s.dec.param(0, 0), "?") },           // DSR, DEC
	{prefix: '?', inter: '$', final: 'p'}: func(s *Screen) { s.reportMode(true, s.dec.param(0, 0)) },      // DECRQM
	{prefix: '>', final: 'c'}:             func(s *Screen) { s.attributes(">1;10;0", s.dec.param(0, 0)) }, // DA2: VT220
}

// csi does a control sequence; unknown ones are ignored.
func (s *Screen) csi(final byte) {
	d := &s.dec
	do := functions[function{d.prefix, d.inter, final}]
	if do != nil && !d.bad {
		do(s)
	}
	if final != 'b' {
		s.last = 0
	}
}

// count is the first parameter where it is a number of times or a position.
func (s *Screen) count() int { return s.dec.param(0, 1) }

// moveTo places the cursor, in the scroll region if origin mode is set.
func (s *Screen) moveTo(x, y int) {
	s.moveColumn(x)
	s.moveRow(y)
}

func (s *Screen) moveColumn(x int) {
	s.x = min(max(x, 0), s.width-1)
	s.pending = false
}

func (s *Screen) moveRow(y int) {
	first, last := 0, s.height-1
	if s.origin {
		first, last = s.top, s.bottom
	}
	s.y = min(first+y, last)
	s.pending = false
}

// moveUp stops at the top of the scroll region, if the cursor is not above it.
func (s *Screen) moveUp(n int) {
	s.y = max(s.y-n, choose(s.y >= s.top, s.top, 0))
	s.pending = false
}

// moveDown stops at the bottom of the scroll region, if the cursor is not below
// it.
func (s *Screen) moveDown(n int) {
	s.y = min(s.y+n, choose(s.y <= s.bottom, s.bottom, s.height-1))
	s.pending = false
}

// eraseDisplay does ED: 0 from the cursor on, 1 up to it, 2 all, 3 the
// scrollback.
func (s *Screen) eraseDisplay(part int) {
	switch part {
	case 0:
		s.eraseLine(0)
		s.eraseRows(s.y+1, s.height)
	case 1:
		s.eraseLine(1)
		s.eraseRows(0, s.y)
	case 2:
		s.eraseRows(0, s.height)
	case 3:
		s.hist.clear()
	}
	s.pending = false
}

// eraseLine does EL: 0 from the cursor on, 1 up to it, 2 all.
func (s *Screen) eraseLine(part int) {
	switch part {
	case 0:
		s.erase(s.y, s.x, s.width)
	case 1:
		s.erase(s.y, 0, s.x+1)
	case 2:
		s.erase(s.y, 0, s.width)
	}
	s.pending = false
}

func (s *Screen) insertLines(n int) {
	if s.y >= s.top && s.y <= s.bottom {
		s.scrollDown(s.y, s.bottom, n)
	}
	s.pending = false
}

func (s *Screen) deleteLines(n int) {
	if s.y >= s.top && s.y <= s.bottom {
		s.scrollUp(s.y, s.bottom, n, false)
	}
	s.pending = false
}

// setRegion does DECSTBM. A region has at least two rows.
func (s *Screen) setRegion(top, bottom int) {
	bottom = min(bottom, s.height-1)
	if top < bottom {
		s.top, s.bottom = top, bottom
		s.moveTo(0, 0)
	}
}

func (s *Screen) setModes(on bool) {
	for i := range s.dec.n {
		s.setMode(s.dec.prefix == '?', int(s.dec.params[i]), on)
	}
}

// resizeTabs gives the tab stops a new width: those there are stay, new columns
// have one at every eighth.
func (s *Screen) resizeTabs(width int) {
	tabs := make([]bool, width)
	for x := copy(tabs, s.tabs); x < width; x++ {
		tabs[x] = x%8 == 0
	}
	s.tabs = tabs
}

func (s *Screen) tab(n int) {
	for n = min(n, s.width); n > 0 && s.x < s.width-1; n-- {
		s.pending = false
		s.x++
		for s.x < s.width-1 && !s.tabs[s.x] {
			s.x++
		}
	}
}

func (s *Screen) backTab(n int) {
	s.pending = false
	for n = min(n, s.width); n > 0 && s.x > 0; n-- {
		s.x--
		for s.x > 0 && !s.tabs[s.x] {
			s.x--
		}
	}
}

// setTab does HTS.
func (s *Screen) setTab() {
	s.tabs = slices.Clone(s.tabs)
	s.tabs[s.x] = true
}

// clearTab does TBC: 0 the stop at the cursor, 3 all.
func (s *Screen) clearTab(which int) {
	switch which {
	case 0:
		s.tabs = slices.Clone(s.tabs)
		s.tabs[s.x] = false
	case 3:
		s.tabs = make([]bool, s.width)
	}
}

// cursorStyle does DECSCUSR: odd numbers blink.
func (s *Screen) cursorStyle(n int) {
	if n <= 6 {
		s.cursor.Shape = CursorShape((n - 1) / 2)
		s.cursor.Blink = n%2 == 1
	}
}

// status answers DSR.
func (s *Screen) status(what int, prefix string) {
	switch {
	case what == 5 && prefix == "":
		s.reply("\x1b[0n")
	case what == 6:
		y := s.y
		if s.origin {
			y -= s.top
		}
		s.reply(fmt.Sprintf("\x1b[%s%d;%dR", prefix, y+1, s.x+1))
	}
}

// attributes answers a request for device attributes, which has parameter 0.
func (s *Screen) attributes(answer string, param int) {
	if param == 0 {
		s.reply("\x1b[" + answer + "c")
	}
}

// window does the window operations that make sense here: 18 reports the size,
// 22 and 23 put the title on a stack and take it back.
func (s *Screen) window(what int) {
	switch what {
	case 18:
		s.reply(fmt.Sprintf("\x1b[8;%d;%dt", s.height, s.width))
	case 22:
		if len(s.titleStack) < 10 {
			s.titleStack = append(s.titleStack, s.title)
		}
	case 23:
		if n := len(s.titleStack); n > 0 {
			s.title, s.titleStack = s.titleStack[n-1], s.titleStack[:n-1]
		}
	}
}
