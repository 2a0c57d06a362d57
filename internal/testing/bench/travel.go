package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// How many movements of each kind are measured.
const (
	coldSteps    = 100
	stepsInARow  = 50
	rows         = 10
	randomSeeks  = 200
	seedOfTravel = 1 // the places are the same in each run
)

// travel measures movements in the recording of a guest inside the engine, after
// one replay to its end.
func (b *bench) travel(g *guest) error {
	b.say("%s: travelling", g.name)
	r, err := recording.Open(b.recording(g))
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
}

func (j *journey) measure() error {
	j.table = table{{fmt.Sprintf("travel in %v steps", j.timeline.Last()), "n", "p50", "p99"}}
	begin := time.Now()
	if _, err := j.timeline.Continue(context.Background()); err != nil {
		return err
	}
	j.table.add("first replay, taking snapshots", "1", milliseconds(time.Since(begin)), "")
	for _, part := range []struct {
		name string
		run  func() ([]time.Duration, error)
	}{
		{"seek to a random step", j.seeks},
		{"reverse-step from cold", j.cold},
		{"reverse-step repeated", j.repeated},
	} {
		times, err := part.run()
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		j.table.add(part.name, fmt.Sprint(len(times)), milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)))
	}
	return nil
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

// seeks goes to random steps.
func (j *journey) seeks() (times []time.Duration, err error) {
	for range randomSeeks {
		took, err := j.seek(j.place())
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
		took, err := j.stepBack()
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
