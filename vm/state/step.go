package state

import (
	"fmt"
	"strconv"
	"strings"
)

// Step counts the changes of machine state since power-on. State(0) is
// power-on, and step S leads from State(S) to State(S+1). A reset does not
// restart it.
type Step uint64

// Never is the step of something that does not happen.
const Never Step = 1<<64 - 1

// String prints the step for people, with a comma between groups of three
// digits.
func (s Step) String() string {
	if s == Never {
		return "never"
	}
	digits := strconv.FormatUint(uint64(s), 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// ParseStep reads a step as people write it: decimal digits, optionally
// grouped with commas or underscores.
func ParseStep(text string) (Step, error) {
	clean := strings.NewReplacer(",", "", "_", "").Replace(text)
	n, err := strconv.ParseUint(clean, 10, 64)
	if err != nil || Step(n) == Never {
		return 0, fmt.Errorf("%q is not a step: a step is a decimal number, such as 1,500,000", text)
	}
	return Step(n), nil
}
