package monitor

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"reprise/internal/debuginfo"
	"reprise/internal/unwind"
)

// debug is what is known of the programs beside their symbols. It may have to
// be read first, so it is not to be asked for on the machine's goroutine.
func (env Env) debug() *debuginfo.Info {
	if env.Debug == nil {
		return nil
	}
	return env.Debug()
}

// framesOf are the call frames of what is known of the programs.
func framesOf(info *debuginfo.Info) *debuginfo.Frames {
	if info == nil {
		return nil
	}
	return info.Frames
}

func backtrace(_ context.Context, env Env, args []string) (string, error) {
	limit, err := count(args, unwind.MaxFrames)
	if err != nil {
		return "", err
	}
	info := env.debug()
	var list []unwind.Frame
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		hart := m.Hart(env.hart(m))
		list = unwind.Stack(hart, unwind.Of(hart, framesOf(info), env.Symbols), int(min(limit, unwind.MaxFrames)))
	})
	var b strings.Builder
	for i := range list {
		fmt.Fprintf(&b, "#%-2d %s\n", i, frameText(&list[i], env, info))
	}
	return b.String(), nil
}

// frameText is a frame in a line: where it stands, and how it was found unless
// that is certain.
func frameText(f *unwind.Frame, env Env, info *debuginfo.Info) string {
	name, ok := env.Symbols.Name(f.Inside())
	if !ok {
		name = "??"
	}
	name, _, _ = strings.Cut(name, "+")
	text := fmt.Sprintf("0x%016x in %s", f.PC, name)
	if info != nil {
		if file, line, ok := info.Lines.Find(f.Inside()); ok {
			text += fmt.Sprintf(" at %s:%d", filepath.Base(file), line)
		}
	}
	if f.How > unwind.CallFrame {
		text += " (by " + f.How.String() + ")"
	}
	if f.Trap {
		text += " <trap>"
	}
	return text
}
