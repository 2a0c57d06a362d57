package boot

import "encoding/binary"

// The fw_dynamic handover (OpenSBI, docs/firmware/fw_dynamic.md).
const (
	infoMagic   = 0x4942534f // "OSBI"
	infoVersion = 2
	infoModeS   = 1 // the next stage runs in S-mode
)

// ResetVector is the content of the mask ROM at [ROMBase]. Every hart starts
// there and jumps to start with its number in a0, the address of the device
// tree in a1 and in a2 that of a struct fw_dynamic_info, which says that the
// next stage is at next and wants S-mode. A next of 0 means that there is none.
func ResetVector(start, fdt, next uint64) []byte {
	var rom []byte
	for _, instruction := range [...]uint32{
		0x00000297, // auipc t0, 0
		0x02828613, // addi  a2, t0, 40     the fw_dynamic_info
		0xf1402573, // csrr  a0, mhartid
		0x0202b583, // ld    a1, 32(t0)     fdt
		0x0182b283, // ld    t0, 24(t0)     start
		0x00028067, // jr    t0
	} {
		rom = binary.LittleEndian.AppendUint32(rom, instruction)
	}
	for _, word := range [...]uint64{
		start,
		fdt,
		infoMagic, infoVersion, next, infoModeS,
		0, // options
		0, // boot hart
	} {
		rom = binary.LittleEndian.AppendUint64(rom, word)
	}
	return rom
}
