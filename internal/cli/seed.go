package cli

import (
	"math/rand/v2"
	"strconv"

	"github.com/spf13/pflag"
)

// seedFlags are the options that decide what looks random.
type seedFlags struct {
	set   *pflag.FlagSet
	seed  string
	chaos bool
}

func (f *seedFlags) register(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.seed, "seed", "", "`N` from which the guest's entropy follows, and chaos; random by default")
	set.BoolVar(&f.chaos, "chaos", false, "vary the turns of harts and delay timers, as the seed says, to make bugs of timing show")
}

// options reads the seed, or draws one.
func (f *seedFlags) options(o *MachineOptions) error {
	o.Chaos = f.chaos
	if !f.set.Changed("seed") {
		o.Seed = rand.Uint64()
		return nil
	}
	var err error
	if o.Seed, err = strconv.ParseUint(f.seed, 0, 64); err != nil {
		return usagef("--seed %s: a seed is a number from 0 to 18446744073709551615", f.seed)
	}
	o.SeedGiven = true
	return nil
}
