package replay

import "testing"

// TestBreakKeepsItsPlace has bytes before and after breaks of the line, which
// come in the order in which they were sent.
func TestBreakKeepsItsPlace(t *testing.T) {
	q := newQueue(func() {}, nil, false)
	q.Break() // to a device that takes none
	if q.isBroken() {
		t.Error("a device that takes no breaks gets one")
	}
	q.breakable = true
	send := func(text string) {
		t.Helper()
		if err := q.Receive([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	send("abc")
	q.Break()
	send("d")
	q.Break()
	q.Break()
	got := ""
	for range 9 {
		if q.isBroken() {
			q.takeBreak()
			got += "|"
			continue
		}
		if n := q.waiting(); n > 3 {
			t.Fatalf("%d bytes wait before the break", n)
		}
		got += string(q.take(2)) + "."
	}
	if want := "ab.c.|d.||..."; got != want {
		t.Errorf("it came as %q, want %q", got, want)
	}
	for range 2 * maxBreaks {
		q.Break()
	}
	if len(q.breaks) != maxBreaks {
		t.Errorf("%d breaks wait", len(q.breaks))
	}
}
