package main

import (
	"io"
	"strings"
	"testing"
)

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"80", "24"}, {"0", "24", "x"}, {"80", "many", "x"}, {"80", "2000", "x"}} {
		if err := run(args, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
