package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far something long has come: on a terminal a bar, which is
// gone in the end, elsewhere a line now and then. It belongs to one goroutine.
type progress struct {
	w     io.Writer
	noun  string // what is counted, such as "run"
	total uint64 // 0 if nobody knows
	done  uint64
	begin time.Time
	said  time.Time                // when the last line was written
	now   func() time.Time         // the clock
	bar   *progressbar.ProgressBar // nil without a terminal
}

// progressInterval is the time between two lines.
const progressInterval = 10 * time.Second

// newProgress begins to show progress on a writer.
func newProgress(w io.Writer, what, noun string, total uint64) *progress {
	p := &progress{w: w, noun: noun, total: total, now: time.Now}
	p.begin = p.now()
	p.said = p.begin
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		most := int64(-1)
		if total != 0 {
			most = int64(total)
		}
		p.bar = progressbar.NewOptions64(most,
			progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(noun+"s"), progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetRenderBlankState(true))
	}
	return p
}

// set shows that so much is done. To be told the same again does no harm, and
// keeps the clock of a bar going.
func (p *progress) set(done uint64) {
	p.done = done
	if p.bar != nil {
		_ = p.bar.Set64(int64(done)) // what cannot be drawn is not missed
		return
	}
	if p.now().Sub(p.said) >= progressInterval {
		p.said = p.now()
		_, _ = fmt.Fprintln(p.w, "reprise: "+p.text())
	}
}

// text is what a line says.
func (p *progress) text() string {
	took := p.now().Sub(p.begin)
	if p.total == 0 {
		return fmt.Sprintf("%s in %v", plural(p.done, p.noun), took.Round(time.Second))
	}
	text := fmt.Sprintf("%s of %s in %v", commas(p.done), plural(p.total, p.noun), took.Round(time.Second))
	if p.done > 0 {
		left := time.Duration(float64(took) / float64(p.done) * float64(p.total-p.done))
		text += fmt.Sprintf(", %s, %v left", rateText(p.done, took), left.Round(time.Second))
	}
	return text
}

// rateText is how many of something are done in a second.
func rateText(n uint64, took time.Duration) string {
	return fmt.Sprintf("%.3g/s", float64(n)/max(took.Seconds(), 1e-9))
}

// clear takes the bar away, so that something else can be written.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear() // as with Set64
	}
}
