package replay_test

import (
	"context"
	"sort"
	"testing"
	"time"

	"reprise/replay"
)

// BenchmarkStepBack measures steps back from the end of U-Boot's recording, one
// after another, and the first one after a jump to a random place.
func BenchmarkStepBack(b *testing.B) {
	path, _, _ := uboot(b)
	tl := open(b, path, replay.Options{})
	ctx := context.Background()
	if _, err := tl.GoLive(ctx); err != nil {
		b.Fatal(err)
	}
	var took []float64
	for range b.N {
		begin := time.Now()
		if _, err := tl.StepBack(ctx, 1); err != nil {
			b.Fatal(err)
		}
		took = append(took, float64(time.Since(begin).Microseconds())/1000)
	}
	sort.Float64s(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
}
