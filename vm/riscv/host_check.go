//go:build !(amd64 || arm64 || loong64 || ppc64le || riscv64)

package riscv

// Guest memory is accessed in place.
var _ = reprise_needs_a_64_bit_little_endian_host
