package riscv

import "testing"

func TestOp(t *testing.T) {
	for _, c := range []struct {
		op     Op
		name   string
		ext    ISA
		format Format
	}{
		{OpIllegal, "illegal", 0, FmtNone},
		{OpLUI, "lui", ExtI, FmtU},
		{OpSFENCEVMA, "sfence.vma", ExtPriv, FmtSFence},
		{OpCSRRCI, "csrrci", ExtZicsr, FmtCSRI},
		{OpREMUW, "remuw", ExtM, FmtR},
		{OpLRW, "lr.w", ExtA, FmtLR},
		{OpAMOMAXUD, "amomaxu.d", ExtA, FmtAMO},
		{OpFMVWX, "fmv.w.x", ExtF, FmtFX},
		{OpFMVDX, "fmv.d.x", ExtD, FmtFX},
		{OpFCVTDH, "fcvt.d.h", ExtD | ExtZfhmin, FmtF1Exact},
		{OpFCVTHLU, "fcvt.h.lu", ExtZfh, FmtFXRm},
		{OpBSETI, "bseti", ExtZbs, FmtShift},
		{Op(NumOps), "illegal", 0, FmtNone},
	} {
		if c.op.String() != c.name || c.op.Ext() != c.ext || c.op.Format() != c.format {
			t.Errorf("%d is %v, %#x, %d; want %s, %#x, %d",
				c.op, c.op, c.op.Ext(), c.op.Format(), c.name, c.ext, c.format)
		}
	}
}
