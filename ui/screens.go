package ui

import (
	"reprise/internal/term"
	"reprise/vm/state"
)

// The size of every guest's screen. A serial line tells a guest nothing of its
// terminal's size, and this is what all of them assume.
const (
	ScreenWidth  = 80
	ScreenHeight = 24
	scrollback   = 10_000 // lines
)

// devices is the number of ids that a character device may have.
const devices = 256

// Typist takes what the user types for the guest and returns how many bytes it
// took. It never blocks. chardev.VC is one.
type Typist interface{ Type(p []byte) int }

// Console is a character device of the machine as the interface shows it.
type Console struct {
	ID     uint8
	Name   string
	Typist Typist // nil if the user cannot type into it: a replay, or another backend
}

// Screens keeps a terminal screen for each console, in step with the machine:
// it is the observer that has to be handed to the timeline before the first
// step. It belongs to the machine's goroutine.
type Screens struct {
	screens [devices]*term.Screen
	typists [devices]Typist
	// newest is the last step whose output was seen. Output up to it is made
	// again, and what the guest asks there was answered when it was new.
	newest state.Step
	any    bool
}

// NewScreens makes empty screens for the consoles.
func NewScreens(consoles []Console) *Screens {
	s := &Screens{}
	for _, c := range consoles {
		s.screens[c.ID] = term.New(ScreenWidth, ScreenHeight, scrollback)
		if c.Typist != nil {
			s.typists[c.ID] = c.Typist
		}
	}
	return s
}

// Output implements replay.Observer. What the guest asks its terminal is
// answered the first time only, and only where the user could type.
func (s *Screens) Output(device uint8, step state.Step, p []byte) {
	screen := s.screens[device]
	if screen == nil {
		return
	}
	screen.Write(uint64(step), p)
	replies := screen.Replies()
	if s.any && step <= s.newest {
		return
	}
	s.newest, s.any = step, true
	if typist := s.typists[device]; typist != nil && len(replies) > 0 {
		typist.Type(replies)
	}
}

// Save implements replay.Observer.
func (s *Screens) Save() any {
	saved := map[int]*term.Screen{}
	for id, screen := range s.screens {
		if screen != nil {
			saved[id] = screen.Clone()
		}
	}
	return saved
}

// Restore implements replay.Observer.
func (s *Screens) Restore(state any) {
	saved, ok := state.(map[int]*term.Screen)
	if !ok {
		panic("BUG: a screen is restored from something else")
	}
	for id, screen := range saved {
		s.screens[id] = screen.Clone()
	}
}

// clone returns an independent copy of a console's screen, or nil.
func (s *Screens) clone(id uint8) *term.Screen {
	if s == nil || s.screens[id] == nil {
		return nil
	}
	return s.screens[id].Clone()
}
