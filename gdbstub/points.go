package gdbstub

import (
	"context"
	"errors"
	"strings"
)

// point is a breakpoint or watchpoint as the Z packet names it.
type point struct {
	kind byte   // '0' software, '1' hardware, '2' to '4' a Watch
	addr uint64 // virtual
	size uint64 // of a watchpoint; 0 else, the machine needs no length
}

// watch returns the kind of a watchpoint, false for a breakpoint.
func (p point) watch() (Watch, bool) {
	return Watch(p.kind - '0'), p.kind >= '2'
}

// parsePoint reads "type,addr,kind". Conditions and commands after a ';' are
// not announced and not taken.
func parsePoint(args string) (point, error) {
	kind, window, _ := strings.Cut(args, ",")
	addr, size, err := parsePair(window)
	if err != nil || len(kind) != 1 || kind[0] < '0' || kind[0] > '4' {
		return point{}, errSyntax
	}
	switch {
	case kind[0] < '2':
		size = 0
	case size == 0:
		return point{}, errSyntax
	}
	return point{kind[0], addr, size}, nil
}

// insertPoint serves Z. Repeating it changes nothing.
func (s *server) insertPoint(_ context.Context, args string) string {
	return s.changePoint(args, true)
}

// removePoint serves z. Removing what is not there changes nothing.
func (s *server) removePoint(_ context.Context, args string) string {
	return s.changePoint(args, false)
}

func (s *server) changePoint(args string, set bool) string {
	p, err := parsePoint(args)
	if err != nil {
		return s.failed(err.Error())
	}
	if _, isWatch := p.watch(); isWatch {
		if _, able := s.target.(Watcher); !able {
			return ""
		}
	}
	if s.points[p] == set {
		return "OK"
	}
	if err := s.apply(p, set); err != nil {
		return s.failed(err.Error())
	}
	if set {
		s.points[p] = true
	} else {
		delete(s.points, p)
	}
	if _, isWatch := p.watch(); !isWatch {
		s.lifted[p.addr] = !s.points[point{kind: '0', addr: p.addr}] && !s.points[point{kind: '1', addr: p.addr}]
	}
	return "OK"
}

// apply makes the change in the target. To the machine a software and a
// hardware breakpoint are one thing, so the target hears of the first only.
func (s *server) apply(p point, set bool) error {
	if kind, isWatch := p.watch(); isWatch {
		watcher, _ := s.target.(Watcher)
		if set {
			return watcher.SetWatchpoint(kind, p.addr, p.size)
		}
		return watcher.ClearWatchpoint(kind, p.addr, p.size)
	}
	twin := p
	twin.kind ^= '0' ^ '1'
	switch {
	case s.points[twin]:
		return nil
	case set:
		return s.target.SetBreakpoint(p.addr)
	}
	return s.target.ClearBreakpoint(p.addr)
}

// clearPoints removes all that is set, whatever fails.
func (s *server) clearPoints() error {
	var all error
	for p := range s.points {
		all = errors.Join(all, s.apply(p, false))
		delete(s.points, p)
	}
	return all
}
