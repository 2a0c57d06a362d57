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

// twin is the breakpoint of the other kind at the same place.
func (p point) twin() point {
	p.kind ^= '0' ^ '1'
	return p
}

// parsePoint reads "type,addr,kind".
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

// isSet reports whether gdb has set a point.
func (s *server) isSet(p point) bool {
	_, set := s.points[p]
	return set
}

// insertPoint serves Z. Repeating it changes nothing but the conditions.
func (s *server) insertPoint(_ context.Context, args string) string {
	place, tail, _ := strings.Cut(args, ";")
	p, err := parsePoint(place)
	if err != nil {
		return s.failed(err.Error())
	}
	conditions, err := parseConditions(tail)
	if _, able := s.target.(Conditional); err == nil && len(conditions) > 0 && !able {
		err = errSyntax // they were not announced
	}
	if err != nil {
		return s.failed(err.Error())
	}
	if _, isWatch := p.watch(); isWatch {
		if _, able := s.target.(Watcher); !able {
			return ""
		}
	}
	if !s.isSet(p) {
		if err := s.apply(p, true); err != nil {
			return s.failed(err.Error())
		}
	}
	s.points[p] = conditions
	return s.changed(p)
}

// removePoint serves z. Removing what is not there changes nothing.
func (s *server) removePoint(_ context.Context, args string) string {
	p, err := parsePoint(args)
	if err != nil {
		return s.failed(err.Error())
	}
	if _, isWatch := p.watch(); isWatch {
		if _, able := s.target.(Watcher); !able {
			return ""
		}
	}
	if !s.isSet(p) {
		return "OK"
	}
	if err := s.apply(p, false); err != nil {
		return s.failed(err.Error())
	}
	delete(s.points, p)
	return s.changed(p)
}

// changed does what follows from a change of a point.
func (s *server) changed(p point) string {
	if _, isWatch := p.watch(); isWatch {
		return "OK"
	}
	left := s.isSet(p) || s.isSet(p.twin())
	s.lifted[p.addr] = !left
	if conditional, able := s.target.(Conditional); able && left {
		if err := conditional.SetCondition(p.addr, s.condition(p)); err != nil {
			return s.failed(err.Error())
		}
	}
	return "OK"
}

// condition is that of the breakpoints at a place; nil if one has none.
func (s *server) condition(p point) Condition {
	var all [][]byte
	for _, p := range []point{p, p.twin()} {
		list, set := s.points[p]
		if set && len(list) == 0 {
			return nil
		}
		all = append(all, list...)
	}
	return anyOf(all)
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
	switch {
	case s.isSet(p.twin()):
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
