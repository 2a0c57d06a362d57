package cli

import (
	"math/bits"
	"strconv"
	"strings"

	"reprise/vm"
)

// memoryUnit is what qemu rounds the size of RAM up to, in bytes.
const memoryUnit = 8 << 10

// parseMemory reads the argument of -m as qemu does: a number of MiB, or one
// with a suffix (B, K, M, G, T), which may have a fraction, or size=NUMBER. The
// result is in bytes, rounded up to whole units of 8 KiB.
func parseMemory(text string) (uint64, error) {
	number := text
	for i, part := range strings.Split(text, ",") {
		name, value, named := strings.Cut(part, "=")
		switch {
		case named && name == "size":
			number = value
		case !named && i == 0:
			number = part
		default:
			return 0, usagef("-m %s: %q is not supported: the size of RAM is fixed while a machine runs; give -m SIZE", text, part)
		}
	}
	size, ok := parseSize(number, 1<<20)
	switch {
	case !ok:
		return 0, usagef("-m %s: a size is a number of MiB, or one with a suffix: 256M, 1G, 1.5G", text)
	case size < vm.MinMemory:
		return 0, usagef("-m %s: the board needs at least 1 MiB of memory", text)
	case size > vm.MaxMemory:
		return 0, usagef("-m %s: the board takes at most 1 TiB of memory", text)
	}
	return (size + memoryUnit - 1) / memoryUnit * memoryUnit, nil
}

// parseSize reads a number of bytes with qemu's suffixes; without a suffix it
// counts units.
func parseSize(text string, unit uint64) (uint64, bool) {
	digits := text
	if n := len(text); n > 0 {
		if i := strings.IndexByte("BKMGT", text[n-1]&^0x20); i >= 0 && text[n-1] > '9' {
			unit = 1 << (10 * i)
			digits = text[:n-1]
		}
	}
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	count, err := strconv.ParseUint(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	high, size := bits.Mul64(count, unit)
	if high != 0 {
		return 0, false
	}
	if !hasFraction {
		return size, true
	}
	// A fraction of bytes means nothing, and more than nine digits nobody.
	scale := uint64(1)
	for range fraction {
		scale *= 10
	}
	part, err := strconv.ParseUint(fraction, 10, 64)
	if err != nil || unit == 1 || len(fraction) > 9 {
		return 0, false
	}
	high, low := bits.Mul64(part, unit)
	quotient, _ := bits.Div64(high, low, scale)
	sum, carry := bits.Add64(size, quotient, 0)
	return sum, carry == 0
}
