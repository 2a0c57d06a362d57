# Performs the memory accesses of a table and writes what came of them back
# into it, so that a device can be compared with qemu's. An entry is four
# doublewords: operation, address, value, result. The operation is
#   0          end: power off through the test finisher
#   1 2 4 8    load of that many bytes; the result is the value
#   0x11 ...   store of (operation - 0x10) bytes
#   0x20       read mip
#   0x21       spin as often as the value says
#   0x22       spin until the halfword at the address has the value
# The result is -1 if the access trapped.
        .option norvc
        .global _start
_start: csrr    t0, mhartid
        beqz    t0, 2f
1:      wfi                     # the other harts take no time
        j       1b
2:      la      t0, trapped
        csrw    mtvec, t0
        li      s0, 0x80100000
        li      s3, 0x100000
next:   ld      t0, 0(s0)
        ld      a0, 8(s0)
        ld      a1, 16(s0)
        li      a2, 0
        bnez    t0, 1f
        li      t1, 0x5555
        sw      t1, 0(s3)
2:      j       2b
1:      addi    t1, t0, -0x20
        beqz    t1, pending
        addi    t1, t0, -0x21
        beqz    t1, spin
        addi    t1, t0, -0x22
        beqz    t1, await
        andi    t1, t0, 0x10
        andi    t0, t0, 0xf
        addi    t0, t0, -1
        bnez    t1, store
        beqz    t0, load1
        addi    t0, t0, -1
        beqz    t0, load2
        addi    t0, t0, -2
        beqz    t0, load4
        ld      a2, 0(a0)
        j       done
load1:  lbu     a2, 0(a0)
        j       done
load2:  lhu     a2, 0(a0)
        j       done
load4:  lwu     a2, 0(a0)
        j       done
store:  beqz    t0, store1
        addi    t0, t0, -1
        beqz    t0, store2
        addi    t0, t0, -2
        beqz    t0, store4
        sd      a1, 0(a0)
        j       done
store1: sb      a1, 0(a0)
        j       done
store2: sh      a1, 0(a0)
        j       done
store4: sw      a1, 0(a0)
        j       done
pending: csrr   a2, mip
        j       done
spin:   addi    a1, a1, -1
        bgtz    a1, spin
        j       done
await:  lhu     a2, 0(a0)
        bne     a2, a1, await
done:   sd      a2, 24(s0)
        addi    s0, s0, 32
        j       next

        .balign 4
trapped: li     a2, -1
        la      t0, done
        csrw    mepc, t0
        li      t0, 0x1800
        csrs    mstatus, t0
        mret
