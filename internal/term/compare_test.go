package term

import "testing"

// TestLikeTmux compares hand-written cases with tmux.
func TestLikeTmux(t *testing.T) {
	o := newOracle(t, 20, 6)
	for _, c := range likeTmux {
		if d := o.compare([]byte(c.input), c.history); d != "" {
			t.Errorf("%s: %q\n%s", c.name, c.input, d)
		}
	}
}

// TestWidthsLikeTmux compares the columns that characters take.
func TestWidthsLikeTmux(t *testing.T) {
	o := newOracle(t, 20, 6)
	for _, r := range "aé€Жא中国、。한글ｶＡ　　😀🎉─│█▒◆→✓☺♥①ﬁ𝐀𐍈￥\u0301\u20dd\u0e31\u1100\u1160\u3099\u4dff\U00020000\U0001f1e6\U0001f3fb" {
		o.clean()
		s := New(20, 6, 0)
		s.Write(1, o.feed([]byte("ab"+string(r))))
		if d := o.difference(s, false); d != "" {
			t.Errorf("%U: %s", r, d)
		}
	}
}

const (
	rows6   = "one\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsix"
	letters = "abcdefghijklmnopqrst"
)

var likeTmux = []struct {
	name, input string
	history     bool
}{
	{name: "plain", input: "hello\r\nworld"},
	{name: "newline without return", input: "ab\ncd\vef\fgh"},
	{name: "return and overwrite", input: "hello\rJ"},
	{name: "backspace", input: "abc\b\bX\b\b\b\b\bY"},
	{name: "delete and null are nothing", input: "a\x7fb\x00c"},
	{name: "scroll at the bottom", input: rows6 + "\r\nseven\r\neight", history: true},
	{name: "long output", input: "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\r\n11\r\n12\r\n", history: true},
	{name: "scrollback erased", input: rows6 + "\r\n7\r\n8\x1b[3J", history: true},
	{name: "scrollback keeps styles", input: "\x1b[31mred\x1b[42m on green\x1b[m\r\n\n\n\n\n\n\n", history: true},
	{name: "region at the top feeds the scrollback", input: rows6 + "\x1b[1;3r\x1b[3;1H\n\nx", history: true},

	{name: "wrap", input: letters + "uvw"},
	{name: "wrap pending", input: letters},
	{name: "wrap pending, return", input: letters + "\rX"},
	{name: "wrap pending, move", input: letters + "\x1b[2;2HX"},
	{name: "wrap pending, up", input: "\n" + letters + "\x1b[AX"},
	{name: "wrap pending, attributes", input: letters + "\x1b[1mX"},
	{name: "wrap pending, tab", input: letters + "\tX"},
	{name: "wrap pending, column", input: letters + "\x1b[20GX"},
	{name: "wrap at the bottom scrolls", input: "\x1b[6;1H" + letters + "u", history: true},
	{name: "wrap off", input: "\x1b[?7l" + letters + "uvw"},
	{name: "wrap off, then on", input: "\x1b[?7l" + letters + "uvw\x1b[?7hxyz"},
	{name: "wrap at the bottom of a region", input: rows6 + "\x1b[2;4r\x1b[4;1H" + letters + "uv"},
	{name: "wrap below a region", input: rows6 + "\x1b[2;4r\x1b[6;1H" + letters + "uv"},

	{name: "cursor moves", input: "\x1b[3;5Ha\x1b[Ab\x1b[2Bc\x1b[3Cd\x1b[5De\x1b[2Ef\x1b[3Fg"},
	{name: "cursor stops at the edges", input: "\x1b[99;99Ha\x1b[99A\x1b[99Db\x1b[99Bc\x1b[99Cd\x1b[0;0He"},
	{name: "columns and rows", input: "\x1b[7Ga\x1b[3`b\x1b[4dc\x1b[2;3fd\x1b[fe"},
	{name: "cursor stops at region edges", input: "\x1b[2;4r\x1b[3;1H\x1b[9Aa\x1b[9Bb\x1b[6;1H\x1b[9Ac\x1b[1;9H\x1b[9Bd"},
	{name: "save and restore", input: "\x1b[2;3H\x1b[1;31m\x1b7\x1b[5;5H\x1b[mx\x1b8y"},
	{name: "save and restore, ANSI", input: "\x1b[2;3H\x1b[s\x1b[5;5Hx\x1b[uy"},
	{name: "restore without save", input: "\x1b[2;3H\x1b[31mx\x1b8y"},
	{name: "save and restore origin mode", input: "\x1b[2;5r\x1b[?6h\x1b[2;2H\x1b7\x1b[?6l\x1b8a\x1b[1;1Hb"},

	{name: "tabs", input: "a\tb\tc\td\te"},
	{name: "tab stops", input: "\x1b[5G\x1bH\x1b[9G\x1b[g\r\ta\tb"},
	{name: "tab stops all gone", input: "\x1b[3g\ta\x1b[4G\x1bH\r\tb"},
	{name: "tabs back", input: "\x1b[19G\x1b[Za\x1b[2Zb\x1b[9Zc"},
	{name: "tab keeps what is there", input: letters + "\r\tX"},

	{name: "region", input: rows6 + "\x1b[2;4r\x1b[4;1H\n\nx"},
	{name: "region, reverse index", input: rows6 + "\x1b[2;4r\x1b[2;1H\x1bM\x1bMx"},
	{name: "region, index and next line", input: rows6 + "\x1b[2;4r\x1b[3;3H\x1bDa\x1bDb\x1bEc\x1bEd"},
	{name: "region, line feed below", input: rows6 + "\x1b[2;4r\x1b[6;1H\n\nx"},
	{name: "region, reverse index above", input: rows6 + "\x1b[2;4r\x1b[1;1H\x1bM\x1bMx"},
	{name: "region, scroll up and down", input: rows6 + "\x1b[2;5r\x1b[2S\x1b[1T"},
	{name: "region reset", input: "\x1b[2;4r\x1b[r" + rows6 + "\nx"},
	{name: "region not valid", input: "\x1b[3;3H\x1b[4;2rx\x1b[9;9ry\x1b[3;3rz"},
	{name: "region beyond the screen", input: rows6 + "\x1b[3;99rx\x1b[6;1H\ny"},
	{name: "scroll up", input: rows6 + "\x1b[2Sx"},
	{name: "scroll down", input: rows6 + "\x1b[2Tx"},
	{name: "scroll more than there is", input: rows6 + "\x1b[99Tx\x1b[99S"},
	{name: "scroll with a background", input: rows6 + "\x1b[44m\x1b[2S\x1b[1T\x1b[m"},
	{name: "scroll up feeds the scrollback", input: rows6 + "\x1b[2S", history: true},

	{name: "origin mode", input: rows6 + "\x1b[2;5r\x1b[?6ha\x1b[2;2Hb\x1b[99;1Hc\x1b[3dd\x1b[?6le"},
	{name: "insert lines", input: rows6 + "\x1b[2;2H\x1b[2Lx"},
	{name: "insert lines in a region", input: rows6 + "\x1b[2;4r\x1b[3;1H\x1b[Lx"},
	{name: "insert more lines than there are", input: rows6 + "\x1b[2;4r\x1b[3;1H\x1b[99Lx"},
	{name: "delete lines", input: rows6 + "\x1b[2;2H\x1b[2Mx"},
	{name: "delete lines in a region", input: rows6 + "\x1b[2;4r\x1b[3;1H\x1b[42m\x1b[Mx"},
	{name: "delete more lines than there are", input: rows6 + "\x1b[2;1H\x1b[99Mx"},
	{name: "insert characters", input: letters + "\x1b[5G\x1b[3@x"},
	{name: "insert characters with a background", input: letters + "\x1b[5G\x1b[41m\x1b[3@\x1b[mx"},
	{name: "delete characters", input: letters + "\x1b[5G\x1b[3Px"},
	{name: "delete characters with a background", input: letters + "\x1b[5G\x1b[41m\x1b[3P\x1b[mx"},
	{name: "delete more characters than there are", input: letters + "\x1b[5G\x1b[99Px"},
	{name: "erase characters", input: letters + "\x1b[5G\x1b[3Xx"},
	{name: "erase characters with a background", input: letters + "\x1b[5G\x1b[41m\x1b[99X\x1b[mx"},
	{name: "insert mode", input: "hello\r\x1b[4hXY\x1b[4lZ"},
	{name: "insert mode to the end", input: letters + "\x1b[19G\x1b[4hXYZ"},

	{name: "erase line right", input: letters + "\x1b[5G\x1b[K"},
	{name: "erase line left", input: letters + "\x1b[5G\x1b[1K"},
	{name: "erase line", input: letters + "\x1b[5G\x1b[2Kx"},
	{name: "erase line with a background", input: "abc\x1b[44m\x1b[K\r\nabc\x1b[1K\r\nabc\x1b[2K"},
	{name: "erase below", input: rows6 + "\x1b[3;3H\x1b[45m\x1b[J"},
	{name: "erase above", input: rows6 + "\x1b[3;3H\x1b[45m\x1b[1J"},
	{name: "erase all", input: rows6 + "\x1b[3;3H\x1b[45m\x1b[2Jx"},
	{name: "erase with reverse video selected", input: "abc\x1b[7m\x1b[K\x1b[mx"},
	{name: "erase part unknown", input: rows6 + "\x1b[3;3H\x1b[7K\x1b[7J"},

	{name: "alternate screen", input: "main\x1b[?1049halt"},
	{name: "alternate screen and back", input: "main\x1b[31m\x1b[?1049h\x1b[3;3H\x1b[32malt\x1b[?1049lx"},
	{name: "alternate screen has no scrollback", input: "main\x1b[?1049h" + rows6 + "\r\n7\r\n8\x1b[?1049l", history: true},
	{name: "alternate screen twice", input: "a\x1b[?1049hb\x1b[?1049hc\x1b[?1049ld"},
	{name: "alternate screen keeps the region", input: rows6 + "\x1b[2;4r\x1b[?1049h\x1b[4;1Ha\nb\nc\x1b[?1049l\x1b[4;1H\nd"},
	{name: "alternate screen 1047", input: "main\x1b[?1047h\x1b[2;2Halt\x1b[?1047lx"},

	{name: "colours", input: "\x1b[31ma\x1b[42mb\x1b[91;102mc\x1b[39md\x1b[49me"},
	{name: "256 colours", input: "\x1b[38;5;1ma\x1b[38;5;9mb\x1b[38;5;123mc\x1b[48;5;250md\x1b[38:5:77me"},
	{name: "RGB", input: "\x1b[38;2;1;2;3ma\x1b[48;2;250;251;252mb\x1b[38:2::9:8:7mc\x1b[48:2:6:5:4md\x1b[0me"},
	{name: "RGB among others", input: "\x1b[1;38;2;1;2;3;4ma\x1b[22;48;5;17;24mb"},
	{name: "colour without a value", input: "\x1b[38ma\x1b[38;5mbc"},
	{name: "attributes", input: "\x1b[1ma\x1b[2mb\x1b[3mc\x1b[4md\x1b[5me\x1b[7mf\x1b[8mg\x1b[9mh\x1b[53mi"},
	{name: "attributes off", input: "\x1b[1;2;3;4;5;7;8;9;53ma\x1b[22mb\x1b[23mc\x1b[24md\x1b[25me\x1b[27mf\x1b[28mg\x1b[29mh\x1b[55mi"},
	{name: "underline styles", input: "\x1b[4:1ma\x1b[4:2mb\x1b[4:3mc\x1b[4:4md\x1b[4:5me\x1b[4:0mf\x1b[21mg\x1b[24mh"},
	{name: "underline colour", input: "\x1b[4;58:5:9ma\x1b[58:2::1:2:3mb\x1b[59mc"},
	{name: "empty parameters", input: "\x1b[1;mx\x1b[;31my\x1b[;Hz"},
	{name: "unknown attributes", input: "\x1b[77;1;177mx"},
	{name: "bright and normal", input: "\x1b[1;30ma\x1b[37;40mb\x1b[97;100mc"},

	{name: "line drawing", input: "\x1b(0lqqk\r\nx  x\r\nmqqj\x1b(Babc"},
	{name: "line drawing, all", input: "\x1b(0`abcdefghijklmno\r\npqrstuvwxyz{|}~"},
	{name: "line drawing in G1", input: "a\x1b)0b\x0equ\x0fq"},
	{name: "line drawing saved", input: "\x1b(0\x1b7q\x1b(Bq\x1b8\x1b[Cq"},
	{name: "line drawing leaves others alone", input: "\x1b(0ABC 012é中"},

	{name: "wide", input: "a中b文c"},
	{name: "wide at the edge", input: "abcdefghijklmnopqrs中x"},
	{name: "wide to the edge", input: "abcdefghijklmnopqr中x"},
	{name: "wide at the edge, wrap off", input: "\x1b[?7labcdefghijklmnopqrs中x"},
	{name: "wide overwritten left", input: "中文字\x1b[3Gx"},
	{name: "wide overwritten right", input: "中文字\x1b[4Gx"},
	{name: "wide over wide, shifted", input: "中文字\x1b[2G国"},
	{name: "wide with colours overwritten", input: "\x1b[31;44m中文\x1b[m\x1b[4Gx"},
	{name: "combining", input: "e\u0301a\u0308\u0323x"},
	{name: "combining on wide", input: "中\u0301x"},
	{name: "combining at the edge", input: letters + "\u0301u"},
	{name: "combining first", input: "\u0301x"},
	{name: "combining after a move", input: "abc\x1b[2G\u0301x"},
	{name: "combining on a blank", input: "\x1b[5G\u0301x"},
	{name: "UTF-8 of all lengths", input: "aé€😀z"},

	{name: "repeat", input: "a\x1b[3bb\x1b[2b\x1b[2b"},
	{name: "repeat after a move", input: "a\x1b[5G\x1b[3bx"},
	{name: "repeat nothing", input: "\x1b[3bx"},
	{name: "alignment", input: "\x1b[2;4r\x1b[31mabc\x1b#8x"},
	{name: "full reset", input: "\x1b[31;1m\x1b[2;4r\x1b[?6h\x1b[4h\x1b[?7l\x1b[?25l\x1b[?1h\x1b=\x1b(0\x1b[3gabc\x1bcq\tx"},
	{name: "modes", input: "\x1b[?1h\x1b=\x1b[?25l\x1b[4h\x1b[?7l\x1b[?1002h\x1b[?1006h"},
	{name: "several modes at once", input: "\x1b[?1;25;1003;1005h\x1b[?1;25l"},
	{name: "mouse off", input: "\x1b[?1003h\x1b[?1003l\x1b[?1000h"},

	{name: "cancelled sequence", input: "a\x1b[31\x18b\x1b[32\x1ac"},
	{name: "sequence restarted", input: "a\x1b[31\x1b[1mb"},
	{name: "control inside a sequence", input: "abc\x1b[3\r1mX\x1b[\n2Ky"},
	{name: "unknown sequences", input: "a\x1b[5yb\x1b[?9999hc\x1b[>5xd\x1b[1'qeg"},
	{name: "control strings", input: "a\x1bPq data\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e\x1b]0;title\ag"},
	{name: "unfinished sequence", input: "abc\x1b[12"},
	{name: "unfinished string", input: "abc\x1b]0;title"},
	{name: "parameters without end", input: "a\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mb"},
}
