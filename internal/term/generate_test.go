package term

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var (
	sequences = flag.Int("sequences", 60, "random sequences to compare with tmux")
	seed      = flag.Uint64("seed", 1, "seed of the first random sequence")
)

// TestRandomLikeTmux compares random sequences with tmux: -sequences of them,
// from -seed on. One that differs becomes a file in testdata.
func TestRandomLikeTmux(t *testing.T) {
	o := newOracle(t, 20, 6)
	for i := range uint64(*sequences) {
		input := randomSequence(*seed+i, o.width, o.height, 40)
		if d := o.compare(input, false); d != "" {
			for n := 1; n <= 40; n++ { // the shortest beginning that differs
				input = randomSequence(*seed+i, o.width, o.height, n)
				if shorter := o.compare(input, false); shorter != "" {
					d = shorter
					break
				}
			}
			t.Fatalf("seed %d: save as a file in testdata: %q\n%s", *seed+i, input, d)
		}
	}
}

// TestFoundLikeTmux compares what random sequences once found.
func TestFoundLikeTmux(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bytes")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata has no findings (%v)", err)
	}
	o := newOracle(t, 20, 6)
	for _, name := range files {
		input, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := o.compare(input, false); d != "" {
			t.Errorf("%s: %q\n%s", name, input, d)
		}
	}
}

// randomSequence returns n random operations on a screen of the given size.
// It keeps away from where tmux is known to differ (see [oracle]): it follows
// along on a screen of its own.
func randomSequence(seed uint64, width, height, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	s := New(width, height, 0)
	wide := r.IntN(3) == 0 // then nothing that could erase half a character
	var out []byte
	add := func(op string) {
		s.Write(1, []byte(op))
		out = append(out, op...)
	}
	for range n {
		if r.IntN(2) == 0 {
			if s.pending || s.x == 0 {
				add(fmt.Sprintf("\x1b[%d;%dH", 1+r.IntN(height), 2+r.IntN(width-2)))
			}
			if wide || r.IntN(3) == 0 {
				add(randomMove(r, s))
			} else {
				add(randomEdit(r, s))
			}
			continue
		}
		if s.y == s.bottom { // a wrap that scrolls: colours differ
			add("\x1b[49m")
		}
		if s.modes.Insert && s.x > s.width-16 || s.x == 1 && s.Line(s.y)[0].Width == 2 {
			add("\r") // a wrap in insert mode; ASCII over the second half
		}
		add(randomPrint(r, wide))
	}
	return out
}

func randomPrint(r *rand.Rand, wide bool) string {
	switch r.IntN(8) {
	case 0:
		return fmt.Sprintf("\x1b[%d;%dm", r.IntN(10)%7, 30+r.IntN(20))
	case 1:
		return fmt.Sprintf("\x1b[%d8;5;%dm", 3+r.IntN(2), r.IntN(256))
	case 2:
		return fmt.Sprintf("\x1b[%d8;2;%d;%d;%dm", 3+r.IntN(2), r.IntN(256), r.IntN(256), r.IntN(256))
	case 3:
		return []string{"\x1b[m", "\x1b[0;7m", "\x1b[22m", "\x1b[27m", "\x1b[1;4m", "\x1b[24m"}[r.IntN(6)]
	case 4:
		return []string{"\x1b(0", "\x1b(B", "\x1b(B", "\x1b)0", "\x0e", "\x0f"}[r.IntN(6)]
	case 5:
		if wide {
			return []string{"中", "文字", "漢字", "é", "e\u0301"}[r.IntN(5)]
		}
		return []string{"é", "ß", "€", "x\u0308", "─"}[r.IntN(5)]
	}
	text := make([]byte, 1+r.IntN(15))
	for i := range text {
		text[i] = byte('a' + r.IntN(26))
	}
	return string(text)
}

func randomMove(r *rand.Rand, s *Screen) string {
	n := 1 + r.IntN(8)
	switch r.IntN(6) {
	case 0:
		return []string{"\r", "\t", "\r\n", "\n", "\x1bM", "\x1bE", "\x1bD", "\b"}[r.IntN(8)]
	case 1:
		return fmt.Sprintf("\x1b[%d%c", n, "ABCDEFGZ`d"[r.IntN(10)])
	case 2:
		return fmt.Sprintf("\x1b[%d;%dH", n, r.IntN(s.width+2))
	case 3:
		return "\x1b7"
	case 4:
		if s.saved[s.buffer()].pending || s.other != nil { // DECRC and mode 1049 differ together
			return "\r"
		}
		return "\x1b8"
	}
	return []string{"\x1b[?7l", "\x1b[?7h", "\x1b[?7h", "\x1bH", "\x1b[g", "\x1b[?25h"}[r.IntN(6)]
}

func randomEdit(r *rand.Rand, s *Screen) string {
	n := 1 + r.IntN(5)
	switch r.IntN(6) {
	case 0:
		if s.origin { // DECSTBM differs there
			return "\x1b[?6l"
		}
		top := 1 + r.IntN(s.height-1)
		return fmt.Sprintf("\x1b[%d;%dr", top, top+1+r.IntN(s.height-top))
	case 1:
		return fmt.Sprintf("\x1b[%d%c", r.IntN(3), "JK"[r.IntN(2)])
	case 2:
		if s.y < s.top || s.y > s.bottom {
			return "\x1b[K"
		}
		return fmt.Sprintf("\x1b[%d%c", n, "LM"[r.IntN(2)])
	case 3:
		if 2*n > s.width-s.x { // ICH differs
			return "\x1b[X"
		}
		return fmt.Sprintf("\x1b[%d%c", n, "@PX"[r.IntN(3)])
	case 4:
		return fmt.Sprintf("\x1b[%d%c", n, "ST"[r.IntN(2)])
	}
	return []string{"\x1b[4h", "\x1b[4l", "\x1b[4l", "\x1b[?6h", "\x1b[?6l", "\x1b[?6l\x0f\x1b(B\x1b)B\x1b[49m\x1b[?1049" + choose(s.modes.AltScreen, "l", "h")}[r.IntN(6)]
}
