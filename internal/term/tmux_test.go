package term

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// oracle is a real tmux with one pane, which shows what a terminal makes of
// given bytes. It is driven over a connection in tmux's control mode, on a
// socket of its own.
//
// Where tmux 3.3 itself is not what xterm and the VT manuals say, the cases
// compared keep away from it:
//
//   - While a wrap is pending its cursor stands beyond the last column. So what
//     erases or moves relatively from there works one column further right,
//     a line feed leaves the wrap pending, and DECRC forgets it.
//   - A wrap that scrolls and mode 1049 bring in rows without the background in
//     use, and capture-pane spells SGR 53 as 5:3.
//   - In insert mode a character that wraps makes room in the row it leaves.
//   - Backspace in the first column goes back over a wrapped line.
//   - DECSTBM puts the cursor at the top of the screen also in origin mode;
//     DECALN leaves origin mode on.
//   - Modes 47 and 1047 empty the alternate buffer on entry, as 1049 does; the
//     two buffers share one DECSC; RIS leaves the alternate buffer on show.
//   - Invalid UTF-8 disappears; xterm and we show U+FFFD.
//   - Erasing or shifting half of a wide character leaves the other half, and
//     so does writing ASCII over the right half of one in the first column.
//   - IL and DL work outside the scroll region too. ICH of more than half of
//     the columns left clears too few of them. Parameters beyond 2^31 do
//     nothing. REP never goes beyond the end of the line.
//   - Mode 1049 saves the cursor elsewhere than DECSC, without origin mode and
//     character sets, and resetting it restores nothing if the alternate buffer
//     is not on show.
//   - Scroll regions that do not begin at the top feed the scrollback, and so
//     does ED 2.
//   - It lacks CHT, HPR, VPR, SD with ^, DECSED, DECSEL, DECSTR, LS2, LS3 and the
//     British set. ESC k begins a title.
type oracle struct {
	t             *testing.T
	width, height int
	tty           *os.File // what is written here is the pane's output
	commands      io.WriteCloser
	answers       *bufio.Reader
	marks         int
}

// newOracle starts tmux with a pane of the given size.
func newOracle(t *testing.T, width, height int) *oracle {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is needed to compare with: install the Debian package tmux")
	}
	dir, err := os.MkdirTemp("", "term") // t.TempDir would be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "tmux")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // rather than hang
	environment := append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8", "TERM=xterm")
	start := exec.CommandContext(ctx, "tmux", "-u", "-f", os.DevNull, "-S", socket,
		"new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height),
		`stty raw -echo && printf '\033]2;mark 0\033\\' && exec cat >/dev/null`, ";", "set-option", "-g", "status", "off")
	start.Env = environment
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	cmd := exec.CommandContext(ctx, "tmux", "-S", socket, "-C", "attach-session", "-f", "no-output,ignore-size")
	cmd.Env = environment
	o := &oracle{t: t, width: width, height: height}
	if o.commands, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.answers = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = fmt.Fprintln(o.commands, "kill-server") // it may be gone
		_, _ = io.Copy(io.Discard, o.answers)          // until the server is gone
		_ = o.commands.Close()
		_ = cmd.Wait() // its status says only that the server went away
		cancel()
		_ = os.RemoveAll(dir)
	})
	o.answer() // of attach-session
	if size := o.command("display-message -p '#{window_width}x#{window_height}'")[0]; size != fmt.Sprintf("%dx%d", width, height) {
		t.Fatalf("tmux made a window of %s", size)
	}
	for o.command("display-message -p '#{pane_title}'")[0] != "mark 0" {
	}
	if o.tty, err = os.OpenFile(o.command("display-message -p '#{pane_tty}'")[0], os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.tty.Close() })
	return o
}

// command has tmux do a command and returns the lines it answers.
func (o *oracle) command(line string) []string {
	o.t.Helper()
	if _, err := fmt.Fprintln(o.commands, line); err != nil {
		o.t.Fatal(err)
	}
	return o.answer()
}

// answer reads the lines between %begin and %end.
func (o *oracle) answer() []string {
	o.t.Helper()
	var lines []string
	guard := ""
	for {
		line, err := o.answers.ReadString('\n')
		if err != nil {
			o.t.Fatalf("reading from tmux: %v", err)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case guard == "": // notifications come between answers
			if begin, ok := strings.CutPrefix(line, "%begin"); ok {
				guard = begin
			}
		case line == "%end"+guard:
			return lines
		case line == "%error"+guard:
			o.t.Fatalf("tmux: %s", strings.Join(lines, " "))
		default:
			lines = append(lines, line)
		}
	}
}

// feed writes bytes to the pane and waits until tmux has digested them: until
// the pane has the title that a sequence after them sets. The sequence before
// it ends whatever the bytes left open; the return value is all of it.
func (o *oracle) feed(p []byte) []byte {
	o.t.Helper()
	o.marks++
	mark := fmt.Sprintf("mark %d", o.marks)
	all := append(append([]byte{}, p...), "\x18\x1b]2;"+mark+"\x1b\\"...)
	if _, err := o.tty.Write(all); err != nil {
		o.t.Fatal(err)
	}
	for o.command("display-message -p '#{pane_title}'")[0] != mark {
	}
	return all
}

// clean puts the pane into the state of a new one.
func (o *oracle) clean() {
	o.feed([]byte("\x18\x1b[?1049l\x1bc\x1b7")) // RIS leaves the origin mode that DECSC saved
	o.command("clear-history")
}

// modeFormat and modesOf describe the modes in the same words.
const modeFormat = "alt=#{alternate_on} insert=#{insert_flag} origin=#{origin_flag} wrap=#{wrap_flag} " +
	"cursorkeys=#{keypad_cursor_flag} keypad=#{keypad_flag} visible=#{cursor_flag} " +
	"mouse=#{mouse_standard_flag}#{mouse_button_flag}#{mouse_all_flag} sgr=#{mouse_sgr_flag} utf8=#{mouse_utf8_flag} " +
	"region=#{scroll_region_upper}-#{scroll_region_lower} tabs=#{pane_tabs}"

func modesOf(s *Screen) string {
	bit := func(b bool) int { return choose(b, 1, 0) }
	m := s.modes
	var tabs []string
	for x, stop := range s.tabs {
		if stop && x > 0 { // tmux has one in the first column, where it has no effect
			tabs = append(tabs, strconv.Itoa(x))
		}
	}
	return fmt.Sprintf("alt=%d insert=%d origin=%d wrap=%d cursorkeys=%d keypad=%d visible=%d "+
		"mouse=%d%d%d sgr=%d utf8=%d region=%d-%d tabs=%s",
		bit(m.AltScreen), bit(m.Insert), bit(s.origin), bit(m.Autowrap), bit(m.ApplicationCursor), bit(m.ApplicationKeypad),
		bit(s.cursor.Visible), bit(m.Mouse == MouseNormal), bit(m.Mouse == MouseButton), bit(m.Mouse == MouseAny),
		bit(m.MouseEncoding == MouseSGR), bit(m.MouseEncoding == MouseUTF8), s.top, s.bottom, strings.Join(tabs, ","))
}

// compare feeds the bytes to tmux and to a new screen and returns what differs,
// or "".
func (o *oracle) compare(p []byte, history bool) string {
	o.t.Helper()
	o.clean()
	s := New(o.width, o.height, 2000)
	s.Write(1, o.feed(p))
	if d := o.difference(s, history); d != "" {
		return d
	}
	// tmux shows erased cells only left of one that was written: write one.
	show := "\x1b[?6l\x1b[4l\x0f\x1b(B\x1b[r\x1b[m"
	for y := range o.height {
		show += fmt.Sprintf("\x1b[%d;%dH+", y+1, o.width)
	}
	s.Write(2, o.feed([]byte(show)))
	if d := o.difference(s, false); d != "" {
		return "with the last column overwritten: " + d
	}
	return ""
}

// difference compares modes, cursor, cells and, on demand, the scrollback.
func (o *oracle) difference(s *Screen, history bool) string {
	o.t.Helper()
	if want, got := o.command("display-message -p '" + modeFormat + "'")[0], modesOf(s); want != got {
		return fmt.Sprintf("modes\ntmux %s\nours %s", want, got)
	}
	want := o.command("display-message -p '#{cursor_x},#{cursor_y}'")[0]
	if got := fmt.Sprintf("%d,%d", choose(s.pending, s.width, s.x), s.y); got != want {
		return fmt.Sprintf("cursor: tmux %s, ours %s\n%s", want, got, o.dump(s))
	}
	first, flag := 0, ""
	if history {
		first, flag = -s.History(), "-S - "
	}
	lines := o.command("capture-pane -p -e -N " + flag)
	if len(lines) != s.height-first {
		return fmt.Sprintf("lines: tmux %d, ours %d", len(lines), s.height-first)
	}
	var c capture
	for i, line := range lines {
		if d := compareLine(c.line(line), s.Line(first+i)); d != "" {
			return fmt.Sprintf("row %d: %s\n%s", first+i, d, o.dump(s))
		}
	}
	return ""
}

// dump shows both screens as text.
func (o *oracle) dump(s *Screen) string {
	var b strings.Builder
	for y, line := range o.command("capture-pane -p") {
		fmt.Fprintf(&b, "%3d tmux %-*q ours %q\n", y, o.width+2, line, s.Text(y))
	}
	return b.String()
}

// compareLine says where the line captured from tmux, which may be shorter,
// differs from ours.
func compareLine(want, got []Cell) string {
	for x := range got {
		w := blank(DefaultColor, 0)
		if x < len(want) {
			w = want[x]
		} else if got[x].Content == " " && got[x].Style.Attrs == 0 {
			continue // erased: the style is not captured
		}
		g := got[x]
		g.Step = 0
		if g != w {
			return fmt.Sprintf("column %d: tmux %q %+v, ours %q %+v", x, w.Content, w.Style, g.Content, g.Style)
		}
	}
	if len(want) > len(got) {
		return fmt.Sprintf("tmux has %d columns, ours %d", len(want), len(got))
	}
	return ""
}

// capture is what capture-pane -e has selected; it carries over to the next
// line.
type capture struct {
	style   Style
	graphic bool // the line-drawing set
}

// line reads a captured line: text, SGR sequences and shifts to the
// line-drawing set.
func (c *capture) line(line string) []Cell {
	var cells []Cell
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			params, after, _ := strings.Cut(rest, "m")
			c.selectStyle(params)
			line = after
			continue
		}
		r, n := utf8.DecodeRuneInString(line)
		line = line[n:]
		switch {
		case r == 0x0e || r == 0x0f:
			c.graphic = r == 0x0e
			continue
		case c.graphic:
			r = lineDrawing(r)
		}
		switch w := runeWidth(r); {
		case w > 0:
			cells = append(cells, Cell{Content: string(r), Width: uint8(w), Style: c.style})
			if w == 2 {
				cells = append(cells, Cell{Style: c.style})
			}
		case len(cells) > 0:
			i := len(cells) - 1
			if cells[i].Width == 0 {
				i--
			}
			cells[i].Content += string(r)
		}
	}
	return cells
}

// lineDrawing is the VT100's special graphics set, independently of the table
// under test.
func lineDrawing(r rune) rune {
	from := "_`abcdefghijklmnopqrstuvwxyz{|}~"
	to := []rune(" ◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")
	if i := strings.IndexRune(from, r); i >= 0 {
		return to[i]
	}
	return r
}

var captureAttrs = map[int]Attr{1: Bold, 2: Faint, 3: Italic, 5: Blink, 7: Reverse, 8: Conceal, 9: Strikethrough}

// selectStyle applies an SGR sequence as tmux writes them.
func (c *capture) selectStyle(params string) {
	st := &c.style
	var codes []int
	for f := range strings.SplitSeq(strings.ReplaceAll(params, "::", ":"), ";") {
		if style, ok := strings.CutPrefix(f, "4:"); ok {
			st.Underline = Underline(style[0] - '0')
			continue
		}
		if f == "5:3" { // as tmux spells 53
			st.Attrs |= Overline
			continue
		}
		for f := range strings.SplitSeq(f, ":") {
			n, _ := strconv.Atoi(f) // empty is 0
			codes = append(codes, n)
			if n == 0 && len(codes) == 1 {
				*st = Style{}
			}
		}
	}
	for len(codes) > 0 {
		n := codes[0]
		codes = codes[1:]
		switch {
		case n == 0: // comes first
		case n == 4:
			st.Underline = SingleUnderline
		case captureAttrs[n] != 0:
			st.Attrs |= captureAttrs[n]
		case n >= 30 && n <= 37:
			st.Fg = Indexed(uint8(n - 30))
		case n >= 90 && n <= 97:
			st.Fg = Indexed(uint8(n - 82))
		case n >= 40 && n <= 47:
			st.Bg = Indexed(uint8(n - 40))
		case n >= 100 && n <= 107:
			st.Bg = Indexed(uint8(n - 92))
		case n == 39 || n == 49 || n == 59:
			*c.color(n - 1) = DefaultColor
		case codes[0] == 5:
			*c.color(n) = Indexed(uint8(codes[1]))
			codes = codes[2:]
		default:
			*c.color(n) = RGB(uint8(codes[1]), uint8(codes[2]), uint8(codes[3]))
			codes = codes[4:]
		}
	}
}

func (c *capture) color(n int) *Color {
	return map[int]*Color{38: &c.style.Fg, 48: &c.style.Bg, 58: &c.style.UnderlineColor}[n]
}
