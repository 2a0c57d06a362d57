package cli

import (
	"strings"

	"reprise/vm/riscv"
)

// cpu is the argument of --cpu.
type cpu struct {
	Text string // as given
	ISA  riscv.ISA
}

const (
	// supportedISA is what harts execute.
	supportedISA = riscv.ISAAll
	// plainISA is what rv64 has without properties: qemu's, less h.
	plainISA = supportedISA &^ (riscv.ExtZfh | riscv.ExtZfhmin | riscv.ExtSvinval)
)

// defaultCPU is what holds without --cpu.
var defaultCPU = cpu{Text: "rv64,h=false,Zfh=true,Zfhmin=true,svinval=true", ISA: supportedISA}

// cpuProperty is a property that qemu's rv64 has.
type cpuProperty struct {
	name  string
	ext   riscv.ISA // what it switches
	fixed bool      // is part of every hart here
}

// cpuProperties are those that we have; lackedProperties are the others.
var cpuProperties = []cpuProperty{
	{"i", riscv.ExtI, true},
	{"m", riscv.ExtM, false},
	{"a", riscv.ExtA, false},
	{"f", riscv.ExtF, false},
	{"d", riscv.ExtD, false},
	{"c", riscv.ExtC, false},
	{"g", riscv.RV64GC, true},
	{"s", riscv.ExtPriv, true},
	{"u", riscv.ExtPriv, true},
	{"Zicsr", riscv.ExtZicsr, true},
	{"Zifencei", riscv.ExtZifencei, true},
	{"Zihintpause", riscv.ExtZihintpause, false},
	{"Zfh", riscv.ExtZfh | riscv.ExtZfhmin, false},
	{"Zfhmin", riscv.ExtZfhmin, false},
	{"zba", riscv.ExtZba, false},
	{"zbb", riscv.ExtZbb, false},
	{"zbc", riscv.ExtZbc, false},
	{"zbs", riscv.ExtZbs, false},
	{"sstc", riscv.ExtSstc, false},
	{"svinval", riscv.ExtSvinval, false},
	{"Counters", 0, true},
	{"mmu", 0, true},
	{"pmp", 0, true},
}

// lackedProperties can be given as off only.
var lackedProperties = []string{
	"e", "h", "v", "svnapot", "svpbmt", "Zawrs", "Zve32f", "Zve64f", "zbkb", "zbkc", "zbkx", "zdinx", "zfinx", "zhinx", "zhinxmin", "zmmul",
	"zicbom", "zicboz", "zk", "zkn", "zknd", "zkne", "zknh", "zkr", "zks", "zksed", "zksh", "zkt",
	"x-epmp", "x-aia", "smstateen",
}

// parseCPU reads rv64[,NAME=on|off]....
func parseCPU(text string) (cpu, error) {
	words := strings.Split(text, ",")
	if words[0] != "rv64" {
		return cpu{}, usagef("--cpu %s: there is one processor, rv64 (%v); its extensions are switched as in rv64,c=off",
			words[0], supportedISA)
	}
	c := cpu{Text: text, ISA: plainISA}
	for _, word := range words[1:] {
		if err := c.set(word); err != nil {
			return cpu{}, err
		}
	}
	switch {
	case c.ISA.Has(riscv.ExtD) && !c.ISA.Has(riscv.ExtF):
		return cpu{}, usagef("--cpu %s: d needs f: switch both off", text)
	case c.ISA&(riscv.ExtZfh|riscv.ExtZfhmin) != 0 && !c.ISA.Has(riscv.ExtF):
		return cpu{}, usagef("--cpu %s: Zfh and Zfhmin need f", text)
	case c.ISA.Has(riscv.ExtZfh) && !c.ISA.Has(riscv.ExtZfhmin):
		return cpu{}, usagef("--cpu %s: Zfh contains Zfhmin: switch both off", text)
	case !c.ISA.Has(riscv.ExtD) && c.ISA.Has(riscv.ExtF) && c.ISA.Has(riscv.ExtC):
		// The encodings of C that load and store doubles would be left
		// without a meaning.
		return cpu{}, usagef("--cpu %s: f without d is not supported together with c: switch f or c off too", text)
	}
	return c, nil
}

// set applies one property.
func (c *cpu) set(word string) error {
	name, value, named := strings.Cut(word, "=")
	if !named {
		switch {
		case strings.HasPrefix(word, "+"):
			name, value = word[1:], "on"
		case strings.HasPrefix(word, "-"):
			name, value = word[1:], "off"
		default:
			return usagef("--cpu: property %q needs a value: %s=on or %s=off", word, word, word)
		}
	}
	if name == "priv_spec" && (value == "v1.12.0" || value == "v1.11.0") || name == "pmu-num" && value == "0" {
		return nil
	}
	var names []string
	for _, p := range cpuProperties {
		if names = append(names, p.name); !strings.EqualFold(p.name, name) {
			continue
		}
		on, err := parseOnOff("--cpu", name, value)
		switch {
		case err != nil:
			return err
		case on:
			c.ISA |= p.ext
		case p.fixed:
			return usagef("--cpu: %s cannot be switched off: every hart has it", p.name)
		default:
			c.ISA &^= p.ext
		}
		return nil
	}
	for _, lacked := range lackedProperties {
		if names = append(names, lacked); !strings.EqualFold(lacked, name) {
			continue
		}
		if on, err := parseOnOff("--cpu", name, value); err != nil || !on {
			return err
		}
		return usagef("--cpu: the extension %s is not supported; leave it out (there is %v)", lacked, supportedISA)
	}
	return usagef("--cpu: unknown property %q%s", name, didYouMean(name, names))
}
