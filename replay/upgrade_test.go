package replay

import (
	"testing"

	"reprise/replay/recording"
	"reprise/vm"
)

// TestDigestDifference compares digests of this build and of older ones, which
// lack components.
func TestDigestDifference(t *testing.T) {
	got := vm.Digest{{Name: "machine", Sum: 1}, {Name: "hart0", Sum: 2}, {Name: "uart0", Sum: 3}, {Name: "ram+0M", Sum: 4}}
	all := []recording.ComponentDigest{{Name: "machine", Sum: 1}, {Name: "hart0", Sum: 2}, {Name: "uart0", Sum: 3}, {Name: "ram+0M", Sum: 4}}
	without := func(i int) (list []recording.ComponentDigest) {
		return append(append(list, all[:i]...), all[i+1:]...)
	}
	changed := without(1)
	changed[1].Sum++
	for _, test := range []struct {
		name  string
		want  []recording.ComponentDigest
		older bool
		where string
	}{
		{"the same", all, false, ""},
		{"an older one with everything", all, true, ""},
		{"a component is missing", without(1), false, "uart0"},
		{"the last one is missing", without(3), false, "ram+0M"},
		{"an older one that lacks a component", without(1), true, ""},
		{"an older one that lacks the last", without(3), true, ""},
		{"an older one with a difference", changed, true, "uart0"},
		{"a component too many", append(all[:4:4], recording.ComponentDigest{Name: "ram+1M"}), true, "ram+1M"},
		{"nothing", nil, false, "machine"},
	} {
		if where := digestDifference(test.want, got, test.older); where != test.where {
			t.Errorf("%s: %q, want %q", test.name, where, test.where)
		}
	}
}
