package replay_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// span is a stretch of the recording that the tests below look at step by step.
const span = 4000

// walk goes through a stretch of a recording one step after another.
func walk(t *testing.T, tl *replay.Timeline, begin vm.Step, each func(step vm.Step)) {
	t.Helper()
	ctx := context.Background()
	if _, err := tl.Seek(ctx, begin); err != nil {
		t.Fatal(err)
	}
	for step := begin; step < begin+span; step++ {
		each(step)
		if stop, err := tl.Step(ctx, 1); err != nil || stop.Step != step+1 {
			t.Fatal(stop, err)
		}
	}
}

// TestLastAccess asks who changed things last, and compares the answers with
// what single steps show.
func TestLastAccess(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	begin := tl.Last() / 2
	if _, err := tl.Seek(ctx, begin+span); err != nil {
		t.Fatal(err)
	}
	hart := tl.Machine().Hart(0)
	watches := []riscv.Watch{
		{What: riscv.VirtualMemory, Addr: hart.X(2), Size: 8, Hart: riscv.AnyHart, Write: true},
		{What: riscv.PhysicalMemory, Addr: hart.X(2) - 64, Size: 64, Hart: riscv.AnyHart, Write: true},
		{What: riscv.IntegerRegister, Addr: 10, Hart: 0, Write: true},
		{What: riscv.IntegerRegister, Addr: 2, Hart: 0, Write: true},
		{What: riscv.ControlRegister, Addr: 0x341, Hart: riscv.AnyHart, Write: true},
		{What: riscv.PrivilegeMode, Hart: riscv.AnyHart, Write: true},
	}
	value := func(w riscv.Watch) string {
		h := tl.Machine().Hart(0)
		p := make([]byte, w.Size)
		switch w.What {
		case riscv.VirtualMemory:
			h.PeekMemory(w.Addr, p)
		case riscv.PhysicalMemory:
			tl.Machine().PeekPhysical(w.Addr, p)
		case riscv.IntegerRegister:
			return string(rune(h.X(int(w.Addr))))
		case riscv.ControlRegister:
			v, _ := h.PeekCSR(uint16(w.Addr))
			return string(rune(v))
		default:
			return h.Mode().String()
		}
		return string(p)
	}
	last := make([]vm.Step, len(watches))
	before := make([]string, len(watches))
	walk(t, tl, begin, func(step vm.Step) {
		for i, w := range watches {
			now := value(w)
			if step > begin && now != before[i] {
				last[i] = step - 1
			}
			before[i] = now
		}
	})
	position := tl.Position()
	for i, w := range watches {
		got, found, err := tl.LastAccess(ctx, w)
		if err != nil || tl.Position() != position {
			t.Fatal(err, tl.Position())
		}
		// The last write may have left the value as it was.
		if last[i] != 0 && (!found || got.Step < last[i]) {
			t.Errorf("%+v: %+v, %v; it changed at step %v", w, got, found, last[i])
		}
		if !found {
			continue
		}
		var list []riscv.Access
		complete, err := tl.Accesses(ctx, w, got.Step, position, func(a riscv.Access) bool { list = append(list, a); return true })
		if err != nil || !complete || len(list) == 0 || list[len(list)-1] != got {
			t.Errorf("%+v: %+v is the last; all from there are %+v, %v", w, got, list, err)
		}
	}
	if _, found, err := tl.LastAccess(ctx, riscv.Watch{What: riscv.PhysicalMemory, Addr: 0x80000000 + guestRAM - 8, Size: 8, Write: true}); found || err != nil {
		t.Error("somebody wrote where nobody writes", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := tl.LastAccess(cancelled, watches[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestPassed counts how often an address is executed.
func TestPassed(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	const entry = 0x80200000 // U-Boot's, once for each boot
	tl.SetBreakpoint(entry)
	var want []vm.Step
	for {
		stop, err := tl.Continue(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if stop.Reason != replay.AtBreakpoint {
			break
		}
		want = append(want, stop.Step)
	}
	var got []vm.Step
	for n := uint64(1); ; n++ {
		step, count, err := tl.NthPassed(ctx, entry, n)
		if err != nil {
			t.Fatal(err)
		}
		if count < n {
			break
		}
		got = append(got, step)
	}
	if !slices.Equal(got, want) || len(got) != 2 {
		t.Errorf("passed at %v; want %v", got, want)
	}
	if step, found, err := tl.LastPassed(ctx, entry); err != nil || !found || step != want[1] {
		t.Error(step, found, err)
	}
	if stop, err := tl.SeekPassed(ctx, entry, 1); err != nil || stop.Step != want[0] {
		t.Error(stop, err)
	}
	if _, err := tl.SeekPassed(ctx, entry, 3); err == nil {
		t.Error("the third of two was found")
	}
}

// TestPrinted finds a text in the console, and the steps that wrote it.
func TestPrinted(t *testing.T) {
	path, console, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	var found []replay.Print
	err := tl.Printed(ctx, 0, "Hit any key", 0, tl.Last(), func(p replay.Print) bool { found = append(found, p); return true })
	if err != nil || len(found) != 2 {
		t.Fatalf("%v, %v; want two", found, err)
	}
	for _, p := range found {
		if !strings.HasPrefix(console[p.Offset:], "Hit any key") {
			t.Errorf("at offset %d there is %q", p.Offset, console[p.Offset:p.Offset+20])
		}
		first, ok, err := tl.PrintedAt(ctx, 0, p.Offset)
		if err != nil || !ok || first != p.First {
			t.Errorf("its first byte was printed at %v, %v, %v; want %v", first, ok, err, p.First)
		}
		list, err := tl.Events(p.Last, 0, 1)
		if err != nil || len(list) != 1 || list[0].Step != p.Last || list[0].Kind != recording.CharWrite || string(list[0].Data) != "y" {
			t.Errorf("what wrote its last byte is %v, %v", list, err)
		}
	}
	if _, ok, err := tl.PrintedAt(ctx, 0, uint64(len(console))); ok || err != nil {
		t.Error("something was printed after the end", err)
	}
}

// TestPrintedFromHere looks for texts from places all over a recording, in both
// directions, and compares with the list of all of them.
func TestPrintedFromHere(t *testing.T) {
	path, console, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	wrote := make([]vm.Step, 0, len(console)) // the step of each byte
	c := tl.Log().Cursor()
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		if e.Kind == recording.CharWrite {
			for range e.Data[:e.Result] {
				wrote = append(wrote, e.Step)
			}
		}
	}
	if len(wrote) != len(console) {
		t.Fatalf("%d bytes in the log, %d on the console", len(wrote), len(console))
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		i := random.IntN(len(console))
		text := console[i:min(i+1+random.IntN(12), len(console))]
		if random.IntN(8) == 0 {
			text += "\x00" // which is never printed
		}
		here := wrote[random.IntN(len(wrote))] + vm.Step(random.IntN(3))
		var next, last vm.Step
		for at := 0; at+len(text) <= len(console); at++ {
			step := wrote[at+len(text)-1]
			switch {
			case console[at:at+len(text)] != text:
			case step < here:
				last = step
			case next == 0:
				next = step
			}
		}
		if step, found, err := tl.NextPrinted(ctx, 0, text, here); err != nil || step != next || found != (next != 0) {
			t.Errorf("%q from step %v on: %v, %v, %v; want %v", text, here, step, found, err, next)
		}
		if step, found, err := tl.LastPrinted(ctx, 0, text, here); err != nil || step != last || found != (last != 0) {
			t.Errorf("%q before step %v: %v, %v, %v; want %v", text, here, step, found, err, last)
		}
	}
	// Texts that begin with themselves, and one that was not printed by this device.
	for _, text := range []string{"==", "\r\n\r\n", "aa"} {
		var list []uint64
		err := tl.Printed(ctx, 0, text, 0, tl.Last(), func(p replay.Print) bool { list = append(list, p.Offset); return true })
		if err != nil || len(list) != strings.Count(console, text) {
			t.Errorf("%q is printed at %v, %v; want %d of them", text, list, err, strings.Count(console, text))
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, _, next := tl.NextPrinted(cancelled, 0, "\x00", 0)
	_, _, last := tl.LastPrinted(cancelled, 0, "\x00", tl.Last())
	if !errors.Is(next, context.Canceled) || !errors.Is(last, context.Canceled) {
		t.Errorf("cancelled: %v, %v", next, last)
	}
}

// TestCompare compares two states and looks at both.
func TestCompare(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	from, to := tl.Last()/3, tl.Last()/3+50_000
	c, err := tl.Compare(ctx, from, to, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	look := func(step vm.Step) (ram []byte, pc uint64) {
		if _, err := tl.Seek(ctx, step); err != nil {
			t.Fatal(err)
		}
		m := tl.Machine()
		ram = make([]byte, m.RAM().Size())
		m.RAM().ReadAt(ram, m.RAM().Base())
		return ram, m.Hart(0).PC()
	}
	a, pcA := look(from)
	b, pcB := look(to)
	bytes := uint64(0)
	for i := range a {
		if a[i] != b[i] {
			bytes++
		}
	}
	if bytes == 0 || c.Bytes != bytes {
		t.Errorf("%d bytes have changed; %d do differ", c.Bytes, bytes)
	}
	for _, m := range c.Memory {
		at := m.Addr - tl.Machine().RAM().Base()
		if string(a[at:at+uint64(len(m.Old))]) != string(m.Old) || string(b[at:at+uint64(len(m.New))]) != string(m.New) {
			t.Errorf("at 0x%x: %x, %x", m.Addr, m.Old, m.New)
		}
	}
	i := slices.IndexFunc(c.Registers, func(r replay.RegisterChange) bool { return r.Register == vm.RegPC })
	if pcA != pcB && (i < 0 || c.Registers[i].Old != pcA || c.Registers[i].New != pcB) {
		t.Errorf("the pc went from 0x%x to 0x%x: %+v", pcA, pcB, c.Registers)
	}
}

// TestFrames goes over calls and out of functions, in both directions.
func TestFrames(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	calls, outs := 0, 0
	for begin := tl.Last() / 9; begin < tl.Last() && calls < 40; begin += tl.Last() / 50 {
		if _, err := tl.Seek(ctx, begin); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			h := tl.Machine().Hart(0)
			inst, ok := h.FetchAt(h.PC())
			from, pc, sp := tl.Position(), h.PC(), h.X(2)
			stop, err := tl.Over(ctx)
			if err != nil || stop.Reason != replay.AtTarget {
				break // a function that does not return, or the end
			}
			if !ok || !inst.IsCall() {
				continue
			}
			calls++
			if stop.Addr != pc+uint64(inst.Size) || h.X(2) != sp || stop.Step <= from+1 {
				t.Fatalf("over the call at 0x%x, step %v: %+v, sp 0x%x and before 0x%x", pc, from, stop, h.X(2), sp)
			}
			if back, err := tl.OverBack(ctx); err != nil || back.Step != from {
				t.Fatalf("back over the call at step %v: %v, %v", from, back, err)
			}
			// Into the function, and out of it again, both ways.
			if _, err := tl.Step(ctx, 3); err != nil {
				t.Fatal(err)
			}
			inside := tl.Position()
			out, err := tl.Out(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if out.Step == stop.Step {
				outs++
				if _, err := tl.Seek(ctx, inside); err != nil {
					t.Fatal(err)
				}
				if back, err := tl.OutBack(ctx); err != nil || back.Step != from {
					t.Fatalf("out of the function called at step %v, backwards: %v, %v", from, back, err)
				}
			}
			if _, err := tl.Seek(ctx, stop.Step); err != nil {
				t.Fatal(err)
			}
		}
	}
	if calls < 40 || outs < calls*3/4 {
		t.Errorf("%d calls, %d of them left again", calls, outs)
	}
}

// TestSeekTime goes to virtual times, and looks at the steps around.
func TestSeekTime(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	if _, err := tl.GoLive(ctx); err != nil {
		t.Fatal(err)
	}
	end := tl.Machine().VirtualTime()
	for i := range uint64(40) {
		want := end / 39 * i
		stop, err := tl.SeekTime(ctx, want)
		if err != nil || tl.Machine().VirtualTime() > want {
			t.Fatal(stop, err, tl.Machine().VirtualTime())
		}
		if stop.Step == tl.Last() {
			continue
		}
		if _, err := tl.Step(ctx, 1); err != nil || tl.Machine().VirtualTime() <= want {
			t.Fatalf("%d ns is step %v; the next one has %d ns", want, stop.Step, tl.Machine().VirtualTime())
		}
	}
}

// TestEventsOf goes from trap to trap.
func TestEventsOf(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	resets := func(e *recording.Event) bool { return e.Kind == recording.CheckpointReset }
	there, err := tl.NextEventOf(ctx, resets)
	if err != nil || there.Step == 0 {
		t.Fatal(there, err)
	}
	if end, err := tl.NextEventOf(ctx, resets); err != nil || end.Step != tl.Last() {
		t.Fatal(end, err)
	}
	if back, err := tl.PreviousEventOf(ctx, resets); err != nil || back.Step != there.Step {
		t.Fatal(back, err)
	}
	if start, err := tl.PreviousEventOf(ctx, resets); err != nil || start.Step != 0 {
		t.Fatal(start, err)
	}
}
