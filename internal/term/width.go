package term

import "github.com/charmbracelet/x/ansi"

// ascii holds the contents of all ASCII cells, which share its memory.
const ascii = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" +
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_" +
	"`abcdefghijklmnopqrstuvwxyz{|}~\x7f"

// maxContent bounds the bytes of one cell, since a guest may send combining
// characters without end.
const maxContent = 32

// runeWidth returns the columns that a character takes, as wcwidth has it: 0
// for combining characters and other marks, 2 for wide ones, else 1. Programs
// in the guest count columns this way, character by character, so clusters of
// several wide characters (emoji with modifiers, flags) stay several cells.
func runeWidth(r rune) int {
	if r >= 0x20 && r < 0x7f {
		return 1
	}
	if r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7ff {
		return 0 // Hangul vowels and finals join the consonant before them
	}
	return min(ansi.StringWidthWc(string(r)), 2)
}

// content returns the cell content of one character.
func content(r rune) string {
	if r >= 0 && int(r) < len(ascii) {
		return ascii[r : r+1]
	}
	return string(r)
}

// graphics is the DEC special graphics set, from 0x5f to 0x7e (VT220
// Programmer Reference Manual, table 2-4).
var graphics = [...]rune{
	' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼',
	'⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}

// charset is a set of characters that G0 to G3 can hold.
type charset uint8

const (
	charsetASCII charset = iota
	charsetGraphics
	charsetUK
)

// translate returns the character that the set has in place of r.
func (c charset) translate(r rune) rune {
	switch c {
	case charsetGraphics:
		if r >= 0x5f && r <= 0x7e {
			return graphics[r-0x5f]
		}
	case charsetUK:
		if r == '#' {
			return '£'
		}
	case charsetASCII:
	}
	return r
}
