package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// How many movements of each kind are measured.
const (
	coldSteps    = 100
	stepsInARow  = 50
	rows         = 10
	randomSeeks  = 200
	questions    = 20
	journeys     = 3
	seedOfTravel = 1           // the places are the same in each run
	within       = 100_000_000 // steps before the place where a question is asked, and its answer
)

// travel measures movements in a recording inside the engine, after one replay
// to its end.
func (b *bench) travel(path string) error {
	b.say("%s: travelling", path)
	r, err := recording.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	t, err := replay.Play(r, replay.Options{})
	if err != nil {
		return err
	}
	j := &journey{timeline: t, random: rand.New(rand.NewPCG(seedOfTravel, 0))}
	err = j.measure()
	if closed := t.Close(); err == nil {
		err = closed
	}
	j.table.write(b.out)
	return err
}

// journey is one travel through a recording.
type journey struct {
	timeline *replay.Timeline
	random   *rand.Rand
	table    table
	running  []time.Duration // what a movement of the row spent on running the machine
}

func (j *journey) measure() error {
	j.table = table{{fmt.Sprintf("travel in %v steps", j.timeline.Last()), "n", "p50", "p99"}}
	begin := time.Now()
	if _, err := j.timeline.Continue(context.Background()); err != nil {
		return err
	}
	took := time.Since(begin)
	count, size := j.timeline.SnapshotCount()
	_, spent := j.timeline.Spent()
	j.table.add("first replay, taking snapshots", "1", milliseconds(took), "")
	j.table.add(fmt.Sprintf("its snapshots: %s, %.1f%% of the time", mebibytes(size), 100*spent.Seconds()/took.Seconds()), fmt.Sprint(count), milliseconds(spent), "")
	for _, part := range []struct {
		name string
		run  func() ([]time.Duration, error)
	}{
		{"seek to a random step", j.seeks},
		{"reverse-step from cold", j.cold},
		{"reverse-step repeated", j.repeated},
		{"last write to an address, within 100 M steps", j.lastWrites},
		{"reverse-continue from the end to near the start", j.reverseContinues},
	} {
		j.running = nil
		times, err := part.run()
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		if len(times) == 0 {
			j.table.add(part.name, "0", "", "")
			continue
		}
		j.add(part.name, times)
		if j.running == nil {
			continue
		}
		j.add("... of which running the machine", j.running)
		for i, ran := range j.running {
			times[i] -= ran
		}
		j.add("... of which the rest", times)
	}
	return nil
}

func (j *journey) add(name string, times []time.Duration) {
	j.table.add(name, fmt.Sprint(len(times)), milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)))
}

// place is a random step that has a row of steps before it.
func (j *journey) place() vm.Step {
	return stepsInARow + 1 + vm.Step(j.random.Uint64N(uint64(j.timeline.Last())-stepsInARow))
}

// timed does a movement that is expected to reach a step.
func (j *journey) timed(want vm.Step, move func(context.Context) (replay.Stop, error)) (time.Duration, error) {
	begin := time.Now()
	stop, err := move(context.Background())
	took := time.Since(begin)
	if err == nil && stop.Step != want {
		err = fmt.Errorf("it ended at step %v instead of %v", stop.Step, want)
	}
	return took, err
}

func (j *journey) seek(step vm.Step) (time.Duration, error) {
	return j.timed(step, func(ctx context.Context) (replay.Stop, error) { return j.timeline.Seek(ctx, step) })
}

func (j *journey) stepBack() (time.Duration, error) {
	return j.timed(j.timeline.Position()-1, func(ctx context.Context) (replay.Stop, error) { return j.timeline.StepBack(ctx, 1) })
}

// apart notes how much of a movement is spent on running the machine.
func (j *journey) apart(move func() (time.Duration, error)) (time.Duration, error) {
	before, _ := j.timeline.Spent()
	took, err := move()
	after, _ := j.timeline.Spent()
	j.running = append(j.running, after-before)
	return took, err
}

// seeks goes to random steps.
func (j *journey) seeks() (times []time.Duration, err error) {
	for range randomSeeks {
		there := j.place()
		took, err := j.apart(func() (time.Duration, error) { return j.seek(there) })
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

// cold steps back once from random steps that were reached by running forward,
// so that nothing has prepared the way back.
func (j *journey) cold() (times []time.Duration, err error) {
	for range coldSteps {
		there := j.place()
		if _, err := j.seek(there / 2); err != nil {
			return nil, err
		}
		if _, err := j.seek(there); err != nil {
			return nil, err
		}
		took, err := j.apart(j.stepBack)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

// repeated steps back many times in a row, from several steps. The first of each
// row, which is a cold one, is not counted.
func (j *journey) repeated() (times []time.Duration, err error) {
	for range rows {
		if _, err := j.seek(j.place()); err != nil {
			return nil, err
		}
		for i := range stepsInARow {
			took, err := j.stepBack()
			if err != nil {
				return nil, err
			}
			if i > 0 {
				times = append(times, took)
			}
		}
	}
	return times, nil
}

// lastWrites asks at random steps for the last write to where the stack pointer
// was at some step of the 100 M before.
func (j *journey) lastWrites() (times []time.Duration, err error) {
	ctx := context.Background()
	for range questions {
		here := max(j.place(), min(within, j.timeline.Last()))
		from := here - vm.Step(1+j.random.Uint64N(min(within, uint64(here))))
		if _, err := j.seek(from); err != nil {
			return nil, err
		}
		sp := j.timeline.Machine().Hart(j.timeline.Machine().Current()).X(2)
		if _, err := j.seek(here); err != nil {
			return nil, err
		}
		begin := time.Now()
		write, found, err := j.timeline.LastAccess(ctx, riscv.Watch{What: riscv.VirtualMemory, Addr: sp, Size: 8, Hart: riscv.AnyHart, Write: true})
		took := time.Since(begin)
		if err != nil {
			return nil, err
		}
		if found && here-write.Step <= within { // others are not asked for
			times = append(times, took)
		}
	}
	return times, nil
}

// reverseContinues goes back over the whole recording to a breakpoint that is
// met for the last time near its start: where the firmware jumps away.
func (j *journey) reverseContinues() (times []time.Duration, err error) {
	ctx := context.Background()
	if _, err := j.seek(2); err != nil {
		return nil, err
	}
	first := j.timeline.Machine().Hart(0).PC()
	for range journeys {
		if _, err := j.timeline.GoLive(ctx); err != nil {
			return nil, err
		}
		j.timeline.SetBreakpoint(first)
		took, err := j.timed(2, j.timeline.ReverseContinue)
		j.timeline.ClearBreakpoint(first)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}
