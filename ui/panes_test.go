package ui

import (
	"fmt"
	"testing"

	"github.com/muesli/termenv"
)

// TestPanes draws each pane that shows the program, at every size, in colour and
// without: in the handler of a trap, with a breakpoint that is disabled and a
// frame that was gone to.
func TestPanes(t *testing.T) {
	for name, look := range map[string]Look{"color": {Colors: termenv.ANSI}, "plain": plain} {
		t.Run(name, func(t *testing.T) {
			d := demoDriver(t, 120, 40)
			d.m.styles = newStyles(look)
			d.command("seek 41,000")
			d.command("b pool_take")
			d.command("b timer_interrupt")
			d.command("watch free_slots 8")
			d.command("disable timer_interrupt")
			d.command("watch-expr jobs")
			d.command("watch-expr usage.used * 2")
			d.press("c", "c")
			for _, size := range []struct{ width, height int }{{40, 12}, {60, 20}, {80, 24}, {120, 40}, {200, 60}} {
				d.resize(size.width, size.height)
				for _, p := range []struct {
					name string
					keys []string
				}{{"breakpoints", []string{"7"}}, {"stack", []string{"8", "down", "enter"}}, {"source", []string{"9"}}, {"values", []string{"0"}}} {
					d.press(p.keys...)
					d.golden(fmt.Sprintf("%s-%s-%dx%d", p.name, name, size.width, size.height))
				}
				d.press("8", "home")
			}
		})
	}
}
