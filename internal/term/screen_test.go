package term

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// write returns a screen after the given output, one step for each part.
func write(width, height int, parts ...string) *Screen {
	s := New(width, height, 100)
	for i, p := range parts {
		s.Write(uint64(i+1), []byte(p))
	}
	return s
}

// picture is everything of a screen that can be seen from outside.
func picture(s *Screen) string {
	var b strings.Builder
	w, h := s.Size()
	fmt.Fprintln(&b, w, h, s.Cursor(), s.Modes(), s.Title(), modesOf(s))
	for y := -s.History(); y < h; y++ {
		fmt.Fprintln(&b, s.Line(y), s.Wrapped(y))
	}
	return b.String()
}

// check fails unless the screen is consistent.
func check(t *testing.T, s *Screen) {
	t.Helper()
	w, h := s.Size()
	c := s.Cursor()
	if c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h {
		t.Fatalf("cursor %d,%d is not on a screen of %dx%d", c.X, c.Y, w, h)
	}
	if s.top < 0 || s.top > s.bottom || s.bottom >= h || len(s.tabs) != w || len(s.rows) != h {
		t.Fatalf("region %d-%d, %d tabs, %d rows on a screen of %dx%d", s.top, s.bottom, len(s.tabs), len(s.rows), w, h)
	}
	for y := -s.History(); y < h; y++ {
		line := s.Line(y)
		if len(line) != w {
			t.Fatalf("row %d has %d cells, not %d", y, len(line), w)
		}
		for x, cell := range line {
			half := cell.Width == 0
			if cell.Width == 2 && (x+1 == w || line[x+1].Width != 0) || half && (x == 0 || line[x-1].Width != 2) ||
				half != (cell.Content == "") || len(cell.Content) > maxContent {
				t.Fatalf("row %d column %d: %+v", y, x, cell)
			}
		}
	}
	for _, o := range []Options{{}, {ASCII: true, Colors: Monochrome}, {Left: 1, Width: w + 3}} {
		for i, line := range s.Render(-s.History(), h, o) {
			if got, want := ansi.StringWidth(line), choose(o.Width > 0, o.Width, w); got != want {
				t.Fatalf("row %d is drawn %d columns wide, not %d: %q", i-s.History(), got, want, line)
			}
		}
	}
}

func TestCloneIsIndependent(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		output := func() []byte { return randomSequence(r.Uint64(), 20, 6, 10) }
		s := New(20, 6, 70)
		for range 5 {
			s.Write(1, output())
			c := s.Clone()
			before := picture(s)
			if picture(c) != before {
				t.Fatalf("seed %d: the clone differs", seed)
			}
			written, other := choose(r.IntN(2) == 0, s, c), c
			if written == c {
				other = s
			}
			for range 5 {
				written.Write(2, output())
			}
			written.Resize(10+r.IntN(20), 3+r.IntN(5))
			written.Write(3, []byte("\x1b[3g\x1b[22t\x1b]2;title\a"+strings.Repeat("\n", r.IntN(80))))
			if got := picture(other); got != before {
				t.Fatalf("seed %d: writing one changed the other\nbefore %s\nafter %s", seed, before, got)
			}
			if s.Write(4, []byte("\x1b[3J")); r.IntN(2) == 0 {
				s = c
			}
		}
	}
}

func TestCloneInTheMiddle(t *testing.T) {
	output := "a\x1b[1;31mb\x1b]2;a title\x07\xe4\xb8\xad\x1b[?1049hx\x1b(0q\x1b[38:2::1:2:3mz"
	want := picture(write(20, 6, output))
	for i := range len(output) {
		s := New(20, 6, 100)
		s.Write(1, []byte(output[:i]))
		c := s.Clone()
		s.Write(1, []byte("\x18\x1bcother output\x1b]2;other\x1b\\"))
		if c.Write(1, []byte(output[i:])); picture(c) != want {
			t.Errorf("cloned after %q: got %s, want %s", output[:i], picture(c), want)
		}
	}
}

// TestClonesGoOnApart scrolls two clones by turns.
func TestClonesGoOnApart(t *testing.T) {
	s := New(10, 2, 300)
	s.Write(1, []byte("common\r\n\n\n"))
	c := s.Clone()
	for i := range 100 {
		s.Write(2, fmt.Appendf(nil, "s%d\r\n", i))
		c.Write(2, fmt.Appendf(nil, "c%d\r\n", i))
	}
	for y := -99; y < 1; y++ {
		if s.Text(y) != fmt.Sprint("s", 99+y) || c.Text(y) != fmt.Sprint("c", 99+y) {
			t.Fatalf("row %d: %q and %q, want number %d of s and of c", y, s.Text(y), c.Text(y), 99+y)
		}
	}
}

// TestCloneIsCheap counts allocations: none for each cell or row.
func TestCloneIsCheap(t *testing.T) {
	s := New(200, 60, 10000)
	s.Write(1, []byte(strings.Repeat("some text\r\n", 10100)))
	var c *Screen
	if n := testing.AllocsPerRun(10, func() { c = s.Clone() }); n > 10 {
		t.Errorf("a clone takes %v allocations", n)
	}
	c.Write(2, []byte("x"))
	shared := 0
	for y := range c.rows {
		if c.rows[y] == s.rows[y] {
			shared++
		}
	}
	if shared != 59 {
		t.Errorf("after a character was written %d of 60 rows are shared, want 59", shared)
	}
}

func TestSteps(t *testing.T) {
	s := write(10, 4, "abc", "\x1b[1;2HX", "\r\n中", "\u0301", "\x1b[3;1H\x1b[K", "\x1b[1;1H\x1b[@", "\x1b[1;1H\x1bM")
	for _, c := range []struct {
		x, y int
		want uint64
	}{{0, 0, 7}, {0, 1, 6}, {1, 1, 1}, {2, 1, 2}, {3, 1, 1}, {5, 1, 0}, {0, 2, 4}, {1, 2, 4}, {2, 2, 0}, {9, 3, 5}} {
		if got, ok := s.StepAt(c.x, c.y); got != c.want || ok != (c.want != 0) {
			t.Errorf("step of column %d, row %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
	for _, c := range [][2]int{{-1, 0}, {10, 0}, {0, 4}, {0, -1}} {
		if _, ok := s.StepAt(c[0], c[1]); ok {
			t.Errorf("column %d, row %d has a step", c[0], c[1])
		}
	}
	s.Write(8, []byte("\x1b[4;1Hlast\r\n\n\n"))
	if got, _ := s.StepAt(2, -2); s.History() != 3 || got != 2 {
		t.Errorf("step in the scrollback is %d, want 2", got)
	}
}

func TestScrollback(t *testing.T) {
	for _, limit := range []int{0, 1, 10, 64, 65, 200} {
		s := New(10, 3, limit)
		for i := range 500 {
			s.Write(1, fmt.Appendf(nil, "%d\r\n", i))
		}
		if got := s.History(); got != limit {
			t.Fatalf("%d lines kept, want %d", got, limit)
		}
		for y := -limit; y < 2; y++ {
			if got, want := s.Text(y), fmt.Sprint(498+y); got != want {
				t.Fatalf("limit %d: row %d is %q, want %q", limit, y, got, want)
			}
		}
	}
}

func TestResize(t *testing.T) {
	s := write(10, 4, "one\r\ntwo\r\nthree\r\nfour\x1b7")
	s.Resize(4, 2)
	check(t, s)
	if got, want := s.TextBetween(0, -9, 99, 99), "one\ntwo\nthre\nfour"; got != want {
		t.Errorf("lower: %q, want %q", got, want)
	}
	if s.Write(2, []byte("\x1b8")); s.Cursor().Y != 1 {
		t.Errorf("the saved cursor is in row %d, want 1: it moves with its row", s.Cursor().Y)
	}
	s.Resize(12, 5)
	if s.Write(2, []byte("\x1b[1;11H\txy")); s.Text(0) != "thre       x" {
		t.Errorf("wider: %q", s.Text(0))
	}
	check(t, s)

	s = write(4, 3, "abcd")
	s.Resize(6, 3)
	if s.Write(2, []byte("e")); s.Text(0) != "abcde" {
		t.Errorf("a pending wrap became %q, want it to go on in the same line", s.Text(0))
	}
	s = write(4, 3, "a中中")
	s.Resize(2, 3)
	check(t, s)

	s = write(4, 3, "1\r\n2\r\n3\x1b[?1049halt")
	s.Resize(4, 1)
	check(t, s)
	if s.Write(2, []byte("\x1b[?1049l")); s.TextBetween(0, -9, 9, 9) != "1\n2\n3" {
		t.Errorf("the hidden buffer became %q", s.TextBetween(0, -9, 9, 9))
	}
}

func TestReplies(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"\x1b[5n", "\x1b[0n"},
		{"ab\r\n\x1b[3C\x1b[6n", "\x1b[2;4R"},
		{"\x1b[2;4r\x1b[?6h\x1b[2;1H\x1b[6n", "\x1b[2;1R"},
		{"\x1b[99;99H\x1b[6n", "\x1b[6;20R"},
		{"\x1b[c\x1b[0c\x1bZ", strings.Repeat("\x1b[?62;22c", 3)},
		{"\x1b[>c", "\x1b[>1;10;0c"},
		{"\x1b[1c", ""},
		{"\x1b[18t", "\x1b[8;6;20t"},
		{"\x1b[?7$p\x1b[4$p\x1b[?9999$p", "\x1b[?7;1$y\x1b[4;2$y\x1b[?9999;0$y"},
		{"\x1b]2;secret\a\x1b[21t", ""},
	} {
		s := write(20, 6, c.output)
		clone := s.Clone()
		if got := string(s.Replies()); got != c.want {
			t.Errorf("%q is answered %q, want %q", c.output, got, c.want)
		}
		if again := append(s.Replies(), clone.Replies()...); len(again) != 0 {
			t.Errorf("%q is answered twice: %q", c.output, again)
		}
	}
	if n := len(write(20, 6, strings.Repeat("\x1b[c", 5000)).Replies()); n > 4096 {
		t.Errorf("%d bytes of replies are kept", n)
	}
}

// TestBeyondTmux has what tmux lacks or does otherwise; see [oracle].
func TestBeyondTmux(t *testing.T) {
	for _, c := range []struct{ name, output, want string }{
		{"invalid UTF-8", "a\xffb\xe4\xb8c\xf0\x9fd\xc0\xafe", "a\ufffdb\ufffdc\ufffdd\ufffd\ufffde"},
		{"C1 in UTF-8", "a\u009b31mb", "a31mb"},
		{"text direction", "a\u202eb\u2066c\u200bd", "abcd"},
		{"erase with a wrap pending", "abcdefghij\x1b[K", "abcdefghi"},
		{"line feed with a wrap pending", "abcdefghij\nX", "abcdefghij\n         X"},
		{"backspace after a wrap", "abcdefghijk\b\bX", "abcdefghijX"},
		{"saved wrap", "abcdefghij\x1b7\x1b[3;3HX\x1b8Y", "abcdefghijY\n  X"},
		{"half of a wide character erased", "a中b\x1b[2G\x1b[X", "a  b"},
		{"half of a wide character shifted", "a中b\x1b[3G\x1b[@", "a   b"},
		{"insert lines outside the region", "a\r\nb\x1b[2;3r\x1b[1;1H\x1b[L", "a\nb"},
		{"tabs forwards", "\x1b[3g\x1b[3G\x1bH\x1b[6G\x1bH\r\x1b[2Ix", "     x"},
		{"HPR and VPR", "\x1b[2a\x1b[ex", "\n  x"},
		{"British", "\x1b(A#\x1b(B#", "£#"},
		{"G2 and G3", "\x1b*0\x1bnq\x1b+A\x1bo#", "─£"},
		{"soft reset", "\x1b[4h\x1b[2;3r\x1b(0\x1b[!pq\x1b[1Gx", "x"},
		{"RIS leaves the alternate buffer", "a\x1b[?1049hb\x1bcc", "c"},
		{"mode 47 keeps the buffers", "a\x1b[?47hb\x1b[?47lc\x1b[?47hd", " b d"},
		{"region in origin mode", "\x1b[?6h\x1b[2;3rx", "\nx"},
		{"selective erase", "abc\x1b[2G\x1b[?K", "a"},
	} {
		s := write(10, 3, c.output)
		check(t, s)
		if got := strings.TrimRight(s.TextBetween(0, 0, 9, 2), "\n"); got != strings.TrimRight(c.want, "\n") {
			t.Errorf("%s: %q shows %q, want %q", c.name, c.output, got, c.want)
		}
	}
}

func TestModesForInput(t *testing.T) {
	s := write(10, 3, "\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h")
	want := Modes{
		ApplicationCursor: true, ApplicationKeypad: true, BracketedPaste: true, FocusEvents: true,
		Mouse: MouseButton, MouseEncoding: MouseSGR, Autowrap: true,
	}
	if got := s.Modes(); got != want {
		t.Errorf("modes %+v, want %+v", got, want)
	}
	if s.Write(2, []byte("\x1bc")); s.Modes() != (Modes{Autowrap: true}) {
		t.Errorf("after RIS: %+v", s.Modes())
	}
}

func TestTitleAndBell(t *testing.T) {
	s := write(10, 3, "\x1b]2;a\u202eb\x01中\a", "\a", "\x1b[22t\x1b]0;c\x1b\\")
	if count, step := s.Bells(); count != 1 || step != 2 {
		t.Errorf("%d bells, the last at step %d", count, step)
	}
	if s.Title() != "c" {
		t.Errorf("title %q", s.Title())
	}
	if s.Write(4, []byte("\x1b[23t")); s.Title() != "ab中" {
		t.Errorf("title taken back is %q", s.Title())
	}
}

func TestText(t *testing.T) {
	s := write(10, 4, "one two   three 中文字\r\nend  ")
	for _, c := range []struct {
		x0, y0, x1, y1 int
		want           string
	}{
		{0, 0, 99, 99, "one two   three 中文字\nend"},
		{4, 0, 6, 0, "two"},
		{7, 1, 7, 1, "中"},
		{7, 0, 2, 1, "   thr"},
		{2, 1, 7, 0, "   thr"},
		{1, 3, 0, 3, "en"},
	} {
		if got := s.TextBetween(c.x0, c.y0, c.x1, c.y1); got != c.want {
			t.Errorf("%v: got %q", c, got)
		}
	}
	if got := write(5, 3, "abcd中x").TextBetween(0, 0, 4, 1); got != "abcd中x" {
		t.Errorf("wrapped before a wide character: %q", got)
	}
}

func TestRender(t *testing.T) {
	s := write(6, 2, "\x1b[1;38;5;196ma\x1b[m中\x1b(0q\x1b(B\u00e9")
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, "\x1b[0;1;38;5;196ma\x1b[0m中─é "},
		{Options{Colors: Colors16}, "\x1b[0;1;91ma\x1b[0m中─é "},
		{Options{Colors: Monochrome, ASCII: true}, "\x1b[0;1ma\x1b[0m??-? "},
		{Options{Left: 2, Width: 2}, " ─"},
		{Options{Left: 1, Width: 1}, " "},
		{Options{Left: 4, Width: 4}, "é   "},
		{Options{Width: 1, Mark: func(int, int, Cell) Style { return Style{Attrs: Reverse} }}, "\x1b[0;7ma\x1b[m"},
	} {
		if got := s.Render(0, 1, c.o)[0]; got != c.want {
			t.Errorf("%+v: got %q, want %q", c.o, got, c.want)
		}
	}
	if got := s.Render(-2, 4, Options{}); len(got) != 6 || got[5] != "      " {
		t.Errorf("rows that are not there: %q", got)
	}
	if s.Write(2, []byte("\x1b[?5h")); s.Render(1, 2, Options{})[0] != "\x1b[0;7m      \x1b[m" {
		t.Errorf("reverse video: %q", s.Render(1, 2, Options{}))
	}
	boxes := write(9, 1, "┌─┐│中é▒→")
	if got := boxes.Render(0, 1, Options{ASCII: true})[0]; got != "+-+|???#>" {
		t.Errorf("in ASCII: %q", got)
	}
}

// TestRenderReadsBack feeds what is drawn to another screen, which must show
// the same.
func TestRenderReadsBack(t *testing.T) {
	for seed := range uint64(200) {
		s := New(20, 6, 0)
		s.Write(1, randomSequence(seed, 20, 6, 40))
		back := New(20, 6, 0)
		back.Write(1, []byte(strings.Join(s.Render(0, 6, Options{}), "\r\n")))
		for y := range 6 {
			want, got := s.Line(y), back.Line(y)
			for x := range want {
				want[x].Step, got[x].Step = 0, 0
			}
			if !slices.Equal(want, got) {
				t.Fatalf("seed %d, row %d: %v, want %v", seed, y, got, want)
			}
		}
	}
}

// TestRenderASCII holds every character to one byte for each column.
func TestRenderASCII(t *testing.T) {
	for r := rune(' '); r < 0x20000; r++ {
		s := New(4, 1, 0)
		s.Write(1, []byte("\x1b[?7l"+string(r)+"x"))
		for i := range len(s.Render(0, 1, Options{ASCII: true})[0]) {
			if b := s.Render(0, 1, Options{ASCII: true})[0][i]; b < ' ' || b > '~' {
				t.Fatalf("%U is drawn as %q", r, b)
			}
		}
		if got := ansi.StringWidth(s.Render(0, 1, Options{})[0]); got != 4 {
			t.Fatalf("%U is drawn %d columns wide", r, got)
		}
	}
}

func FuzzScreen(f *testing.F) {
	for _, c := range likeTmux {
		f.Add([]byte(c.input), uint16(0x0614))
	}
	f.Fuzz(func(t *testing.T, p []byte, size uint16) {
		width, height := int(size&0xff)%40, int(size>>8)%20
		s := New(width, height, 20)
		half := len(p) / 2
		s.Write(1, p[:half])
		check(t, s)
		c := s.Clone()
		before := picture(s)
		c.Resize(height, width)
		c.Write(2, p[half:])
		check(t, c)
		if picture(s) != before {
			t.Fatal("writing a clone changed the original")
		}
		s.Write(2, p[half:])
		whole := New(width, height, 20)
		for i := range p {
			whole.Write(choose[uint64](i < half, 1, 2), p[i:i+1])
		}
		if picture(whole) != picture(s) {
			t.Fatal("byte by byte the screen becomes another")
		}
	})
}
