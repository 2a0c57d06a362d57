package assets_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// The integer workloads of the benchmark once more, from their description and
// with other algorithms where the result allows it. Floating point has qemu
// alone as its reference.

func mix(sum, value uint64) uint64 {
	sum = (sum ^ value) * 0x9e3779b97f4a7c15
	return sum ^ sum>>29
}

// random is xorshift64*.
type random uint64

func (r *random) next() uint64 {
	*r ^= *r >> 12
	*r ^= *r << 25
	*r ^= *r >> 27
	return uint64(*r) * 0x2545f4914f6cdd1d
}

func (r *random) list(n int) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		list[i] = r.next()
	}
	return list
}

func sorting() (sum uint64) {
	seed := random(1)
	list := seed.list(1 << 16)
	slices.Sort(list)
	for _, value := range list[1:] {
		sum = mix(sum, value)
	}
	return sum
}

// sipHash is SipHash-2-4 as its paper has it, of bytes.
func sipHash(data []byte, k0, k1 uint64) uint64 {
	a, b, c, d := k0^0x736f6d6570736575, k1^0x646f72616e646f6d, k0^0x6c7967656e657261, k1^0x7465646279746573
	rounds := func(n int) {
		for range n {
			a, c = a+b, c+d
			b, d = bits.RotateLeft64(b, 13)^a, bits.RotateLeft64(d, 16)^c
			a = bits.RotateLeft64(a, 32)
			c, a = c+b, a+d
			b, d = bits.RotateLeft64(b, 17)^c, bits.RotateLeft64(d, 21)^a
			c = bits.RotateLeft64(c, 32)
		}
	}
	last := make([]byte, 8-len(data)%8)
	last[len(last)-1] = byte(len(data))
	for block := range slices.Chunk(slices.Concat(data, last), 8) {
		word := binary.LittleEndian.Uint64(block)
		d ^= word
		rounds(2)
		a ^= word
	}
	c ^= 0xff
	rounds(4)
	return a ^ b ^ c ^ d
}

func siphash() (sum uint64) {
	seed := random(2)
	var data []byte
	for _, word := range seed.list(1 << 17) {
		data = binary.LittleEndian.AppendUint64(data, word)
	}
	for i := 0; i < len(data); i += 4096 {
		sum = mix(sum, sipHash(data[i:i+4096], sum, uint64(i/8)))
	}
	return sum
}

func table() (sum uint64) {
	const slots, count = 1 << 17, 80000
	seed := random(3)
	keys := seed.list(2 * count)
	used := make([]bool, slots)
	free := func(key uint64) uint64 {
		at := mix(0, key) % slots
		for used[at] {
			at = (at + 1) % slots
		}
		return at
	}
	for i, key := range keys[:count] {
		used[free(key)] = true
		sum += uint64(i)
	}
	for _, key := range keys[count:] {
		sum += free(key)
	}
	return sum
}

func matrix() (sum uint64) {
	const n = 128
	seed := random(4)
	a, c := seed.list(n*n), make([]uint64, n*n)
	for i := range n {
		for k := range n {
			for j := range n {
				c[i*n+j] += a[i*n+k] * a[k*n+j]
			}
		}
	}
	for _, value := range c {
		sum = mix(sum, value)
	}
	return sum
}

func lists() (sum uint64) {
	seed := random(5)
	keys := seed.list(1 << 15)
	slices.SortFunc(keys, func(a, b uint64) int { return cmp.Compare(b, a) })
	for range 8 {
		for _, key := range keys {
			sum = mix(sum, key)
		}
		slices.Reverse(keys)
	}
	return sum
}

func bytecode() uint64 {
	collatz := uint64(0)
	for start := 2; start <= 6000; start++ {
		for n := start; n != 1; collatz++ {
			if n%2 == 0 {
				n /= 2
			} else {
				n = 3*n + 1
			}
		}
	}
	primes := uint64(0)
	for n := 2; n < 65536; n++ {
		prime := true
		for d := 2; prime && d*d <= n; d++ {
			prime = n%d != 0
		}
		if prime {
			primes++
		}
	}
	return mix(collatz, primes)
}

// TestSipHash uses the test vector of the paper's appendix.
func TestSipHash(t *testing.T) {
	data := make([]byte, 15)
	for i := range data {
		data[i] = byte(i)
	}
	if got := sipHash(data, 0x0706050403020100, 0x0f0e0d0c0b0a0908); got != 0xa129ca6149be45e5 {
		t.Errorf("SipHash-2-4 gives %#x", got)
	}
}

// checkIntegers compares the lines of the integer part with the oracle.
func checkIntegers(t *testing.T, console string) {
	t.Helper()
	total := uint64(0)
	for _, work := range []struct {
		name   string
		rounds int
		run    func() uint64
	}{
		{"sorting", 25, sorting},
		{"siphash", 20, siphash},
		{"table", 32, table},
		{"matrix", 15, matrix},
		{"lists", 23, lists},
		{"bytecode", 3, bytecode},
	} {
		sum, once := uint64(0), work.run()
		for range work.rounds {
			sum = mix(sum, once)
		}
		checkSum(t, console, "  "+work.name, sum)
		total = mix(total, sum)
	}
	checkSum(t, console, "integer", total)
}

func checkSum(t *testing.T, console, name string, want uint64) {
	t.Helper()
	for line := range strings.Lines(console) {
		if strings.HasPrefix(line, name) && strings.HasSuffix(line, fmt.Sprintf("checksum %016x\r\n", want)) {
			return
		}
	}
	t.Errorf("%s: want checksum %016x:\n%s", name, want, console)
}

// TestBench runs the benchmark, with two harts since the second must not matter.
// The count of instructions varies by those of the timer interrupts.
func TestBench(t *testing.T) {
	machine := guests.StartReference(t, append(icount, "-smp", "2", "-bios", guests.Bench(t))...)
	if status := machine.Wait(); status != 0 {
		t.Fatalf("status %d:\n%s", status, machine.Output())
	}
	checkIntegers(t, machine.Output())
	for line, limits := range map[string][2]uint64{
		"integer: %d instructions": {1_500_000_000, 1_530_000_000},
		"\nfloat: %d instructions": {295_000_000, 305_000_000},
		"timer: %d interrupts":     {175, 190},
	} {
		var got uint64
		_, after, _ := strings.Cut(machine.Output(), line[:strings.Index(line, "%")])
		if _, err := fmt.Sscanf(after, line[strings.Index(line, "%"):], &got); err != nil || got < limits[0] || got > limits[1] {
			t.Errorf("%q: got %d (%v), want %d to %d", line, got, err, limits[0], limits[1])
		}
	}
}
