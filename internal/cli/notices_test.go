package cli

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoticesInTheInterface has more lines than the interface takes: those that
// were lost are counted, and those that nobody has read are printed in the end.
func TestNoticesInTheInterface(t *testing.T) {
	var out strings.Builder
	n := &notices{w: &out}
	lines, restore := n.divert()
	for i := range noticesHeld + 5 {
		n.say("line %d", i)
	}
	for i := range noticesHeld {
		if got, want := <-lines, fmt.Sprintf("line %d", i); got != want {
			t.Fatalf("%q comes, want %q", got, want)
		}
	}
	n.say("after")
	if got := <-lines; got != "5 lines had no room here: --log FILE keeps them" {
		t.Errorf("of the lost lines is said: %q", got)
	}
	if out.Len() > 0 {
		t.Errorf("printed over the interface: %q", out.String())
	}
	restore()
	n.say("outside")
	if got := out.String(); got != "reprise: after\r\nreprise: outside\r\n" {
		t.Errorf("printed afterwards: %q", got)
	}
}
