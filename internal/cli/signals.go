package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signals turns the signals that end a program into contexts. The first one
// cancels Work, so that the machine stops and its recording is closed; the
// second one cancels Patience, so that what can take long is left out; the
// third one ends the process at once.
type signals struct {
	Work     context.Context
	Patience context.Context

	channel chan os.Signal
	stop    func()

	mu    sync.Mutex
	first os.Signal
}

// endingSignals are those that end a session in good order.
var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// catchSignals begins to listen. The caller calls stop.
func catchSignals(parent context.Context) *signals {
	work, endWork := context.WithCancel(parent)
	patience, endPatience := context.WithCancel(parent)
	s := &signals{Work: work, Patience: patience, channel: make(chan os.Signal, 3)}
	done := make(chan struct{})
	s.stop = sync.OnceFunc(func() {
		signal.Stop(s.channel)
		close(done)
		endWork()
		endPatience()
	})
	signal.Notify(s.channel, endingSignals...)
	go func() {
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
	}()
	return s
}

func (s *signals) note(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = sig
	}
}

// came reports whether a signal has come.
func (s *signals) came() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first != nil
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

// err is how the program ends after a signal; nil if none came.
func (s *signals) err() error {
	if !s.came() {
		return nil
	}
	return &statusError{s.status(), fmt.Errorf("%w %v", errSignal, s.first)}
}
