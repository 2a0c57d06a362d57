package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"reprise/internal/guard"
	"reprise/replay/recording"
)

// signals turns the signals that end a program into contexts. The first one
// cancels Work, so that the machine stops and its recording is closed; the
// second one cancels Patience, so that what can take long is left out; the
// third one ends the process at once.
//
// A panic on any goroutine that package guard has started counts as the first
// signal. If the program cannot end in good order after it, because what has
// panicked holds a lock or somebody waits for it, it ends all the same.
type signals struct {
	Work     context.Context
	Patience context.Context

	channel chan os.Signal
	stop    func()

	mu    sync.Mutex
	first os.Signal
	bug   *guard.PanicError // the first one
}

// bugPatience is how long the program may take to end after a panic.
var bugPatience = 5 * time.Second

// endingSignals are those that end a session in good order.
var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// catchSignals begins to listen. The caller calls stop.
func catchSignals(parent context.Context) *signals {
	work, endWork := context.WithCancel(parent)
	patience, endPatience := context.WithCancel(parent)
	s := &signals{Work: work, Patience: patience, channel: make(chan os.Signal, 3)}
	done := make(chan struct{})
	terminal := saveTerminal()
	release := guard.Catch(func(bug *guard.PanicError) {
		s.noteBug(bug)
		endWork()
		time.AfterFunc(bugPatience, func() {
			terminal.restore()
			complain(bug)
			os.Exit(int(HostFailure))
		})
	})
	s.stop = sync.OnceFunc(func() {
		release()
		signal.Stop(s.channel)
		close(done)
		endWork()
		endPatience()
	})
	signal.Notify(s.channel, endingSignals...)
	guard.Go(func() {
		for _, end := range []func(){endWork, endPatience} {
			select {
			case sig := <-s.channel:
				s.note(sig)
				end()
			case <-done:
				return
			}
		}
		select {
		case <-s.channel:
			os.Exit(int(s.status()))
		case <-done:
		}
	})
	return s
}

func (s *signals) note(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = sig
	}
}

func (s *signals) noteBug(bug *guard.PanicError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bug == nil {
		s.bug = bug
	}
}

// came reports whether a signal has come, or a panic.
func (s *signals) came() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first != nil || s.bug != nil
}

// cause is what a recording says of its end after came.
func (s *signals) cause() recording.ShutdownCause {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bug != nil {
		return recording.ShutdownHostError
	}
	return recording.ShutdownHostSignal
}

// status is 128+n for the first signal.
func (s *signals) status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.first.(syscall.Signal); ok {
		return Status(128 + int(n))
	}
	return HostFailure
}

// errSignal is what a session that a signal ended returns, with the signal.
var errSignal = errors.New("ended by signal")

// err is how the program ends after a signal or a panic; nil if none came.
func (s *signals) err() error {
	if !s.came() {
		return nil
	}
	if s.bug != nil {
		return s.bug
	}
	return &statusError{s.status(), fmt.Errorf("%w %v", errSignal, s.first)}
}

// savedTerminal is the state of standard input when the program began.
type savedTerminal struct{ state *term.State } // nil if it is no terminal

func saveTerminal() savedTerminal {
	state, _ := term.GetState(int(os.Stdin.Fd())) // an error says that it is none
	return savedTerminal{state}
}

func (t savedTerminal) restore() {
	if t.state != nil {
		_ = term.Restore(int(os.Stdin.Fd()), t.state) // there is nothing else to be done
	}
}
