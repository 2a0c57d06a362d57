package assets_test

import (
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// callsSum is what the program of calls comes to: what it sends is what it
// receives, though it wiped a byte in between.
func callsSum() (sum uint64) {
	const calls, size = 600_000, 64
	var buffer [size]byte
	for i := range buffer {
		buffer[i] = byte(i)
	}
	served := uint64(0)
	for i := range uint64(calls / 3) {
		served++
		sum = (sum ^ served) * 0x9e3779b97f4a7c15
		buffer[i%size] += byte(sum)
		served += 2
		sum += uint64(buffer[(i+1)%size])
	}
	return sum
}

func TestCalls(t *testing.T) {
	machine := guests.StartReference(t, append(icount, "-bios", guests.Calls(t))...)
	if status := machine.Wait(); status != 0 {
		t.Fatalf("status %d:\n%s", status, machine.Output())
	}
	checkSum(t, machine.Output(), "done:", callsSum())
	const lines = 4000
	checkSum(t, machine.Output(), "printed:", lines)
	if got := strings.Count(machine.Output(), ": the quick brown fox jumps over the lazy dog\r\n"); got != lines {
		t.Errorf("%d lines, want %d", got, lines)
	}
}
