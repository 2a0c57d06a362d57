package ui

import "testing"

// TestOlderStatus: a status that was under way when a newer one was asked for
// does not make the machine run again.
func TestOlderStatus(t *testing.T) {
	d := demoDriver(t, 80, 24)
	older := d.m.status
	older.Running, older.Name = true, "continue"
	d.press("s")
	d.m.observe(older)
	d.press("s")
	if at := d.session.Status().Position; at != 2 {
		t.Errorf("two steps lead to step %v", at)
	}
}
