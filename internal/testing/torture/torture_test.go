package torture

import "testing"

func TestCount(t *testing.T) {
	for text, want := range map[string]int{"": 3, "1": 100, "5": 500} {
		t.Setenv(Variable, text)
		if got := Count(t, 3, 100); got != want {
			t.Errorf("%s=%s: %d, want %d", Variable, text, got, want)
		}
	}
}
