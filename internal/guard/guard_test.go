package guard_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"reprise/internal/guard"
)

// TestCatch meets panics on goroutines that are started in both ways.
func TestCatch(t *testing.T) {
	met := make(chan *guard.PanicError)
	release := guard.Catch(func(e *guard.PanicError) { met <- e })
	defer release()
	for name, start := range map[string]func(fn func()){
		"Go":   guard.Go,
		"Func": func(fn func()) { go guard.Func(fn)() },
	} {
		ended := make(chan struct{})
		start(func() {
			defer close(ended)
			planted()
		})
		<-ended
		e := <-met
		if e.Error() != "a bug of reprise: planted" || !strings.Contains(string(e.Stack), "guard_test.planted") {
			t.Errorf("%s: %v\n%s", name, e, e.Stack)
		}
	}
	done := make(chan struct{})
	guard.Go(func() { close(done) })
	<-done
}

func planted() { panic("planted") }

// TestRun makes a panic an error.
func TestRun(t *testing.T) {
	var e *guard.PanicError
	if err := guard.Run(func() error { panic("planted") }); !errors.As(err, &e) || e.Value != "planted" {
		t.Error(err)
	}
	want := errors.New("an error")
	if err := guard.Run(func() error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
}

// TestNobodyCatches runs this test again, in a process that ends as Go does it.
func TestNobodyCatches(t *testing.T) {
	if os.Getenv("REPRISE_TEST_PANIC") != "" {
		guard.Catch(func(*guard.PanicError) {})()
		guard.Go(planted)
		select {}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=TestNobodyCatches$")
	cmd.Env = append(os.Environ(), "REPRISE_TEST_PANIC=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "panic: planted") || !strings.Contains(string(out), "guard_test.planted") {
		t.Errorf("%v\n%s", err, out)
	}
}
