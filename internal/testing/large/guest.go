package large

import "encoding/binary"

// Where the guest's parameters are in its image.
const (
	paramRounds = 1024
	paramText   = 1032
	paramNoise  = 1040
	paramBlock  = 1048 // of a request: handle, address, bytes
	imageSize   = 1072
)

// program reads text from the semihosting console and prints it to the UART, a
// byte at a time, then reads noise, round by round, and powers off.
var program = []uint32{
	0x00000417, // 00 auipc s0,0          the image
	0x40043483, // 04 ld s1,1024(s0)      rounds
	0x10000937, // 08 lui s2,0x10000      the UART
	0x801002b7, // 0c lui t0,0x80100      where the text goes
	0x02029993, // 10 slli s3,t0,32
	0x0209d993, // 14 srli s3,s3,32
	0x802002b7, // 18 lui t0,0x80200      where the noise goes
	0x02029a13, // 1c slli s4,t0,32
	0x020a5a13, // 20 srli s4,s4,32
	0x41840a93, // 24 addi s5,s0,1048     the block
	0x04048063, // 28 beqz s1,done
	0x00098613, // 2c round: mv a2,s3
	0x40843683, // 30 ld a3,1032(s0)
	0x048000ef, // 34 jal read
	0x00098293, // 38 mv t0,s3
	0x40843303, // 3c ld t1,1032(s0)
	0x0002c383, // 40 print: lbu t2,0(t0)
	0x00790023, // 44 sb t2,0(s2)
	0x00128293, // 48 addi t0,t0,1
	0xfff30313, // 4c addi t1,t1,-1
	0xfe0318e3, // 50 bnez t1,print
	0x000a0613, // 54 mv a2,s4
	0x41043683, // 58 ld a3,1040(s0)
	0x020000ef, // 5c jal read
	0xfff48493, // 60 addi s1,s1,-1
	0xfc0494e3, // 64 bnez s1,round
	0x000052b7, // 68 done: lui t0,0x5
	0x55528293, // 6c addi t0,t0,0x555
	0x00100337, // 70 lui t1,0x100        the test finisher
	0x00532023, // 74 sw t0,0(t1)
	0x0000006f, // 78 j .
	0x02068863, // 7c read: beqz a3,ac    a3 bytes to a2, by as many requests as it takes
	0x00cab423, // 80 sd a2,8(s5)
	0x00dab823, // 84 sd a3,16(s5)
	0x00600513, // 88 li a0,6             SYS_READ
	0x000a8593, // 8c mv a1,s5
	0x01f01013, // 90 slli zero,zero,31
	0x00100073, // 94 ebreak
	0x40705013, // 98 srai zero,zero,7
	0x00d60633, // 9c add a2,a2,a3
	0x40a60633, // a0 sub a2,a2,a0
	0x00050693, // a4 mv a3,a0
	0xfd5ff06f, // a8 j read
	0x00008067, // ac ret
}

// image is the guest for so many rounds.
func image(rounds uint64) []byte {
	b := make([]byte, 0, imageSize)
	for _, word := range program {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	b = b[:imageSize]
	for at, value := range map[int]uint64{paramRounds: rounds, paramText: textSize, paramNoise: noiseSize, paramBlock: 1} {
		binary.LittleEndian.PutUint64(b[at:], value)
	}
	return b
}
