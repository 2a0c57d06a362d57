package vm_test

import (
	"testing"

	"reprise/assets"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// BenchmarkCompute runs the compute-bound guest, with the MMU on and a timer
// at 100 Hz, and reports its speed.
func BenchmarkCompute(b *testing.B) {
	data := assets.Bench()
	const memory = 128 << 20
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39", Virtio: 8},
		Firmware: &boot.File{Name: "bench.elf", Data: data},
	})
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		c := &console{}
		m, err := vm.New(vm.Config{Harts: 1, ISA: riscv.RV64GC, Segments: plan.Segments, SeedAddr: plan.SeedAddr}, make([]byte, memory), c)
		if err != nil {
			b.Fatal(err)
		}
		m.PowerOn()
		c.machine = m
		for m.Run(m.Position()+1_000_000, true) == vm.StopTarget {
		}
		b.Log(c.out.String())
		b.ReportMetric(float64(m.Position())/1e6/b.Elapsed().Seconds(), "Msteps/s")
	}
}
