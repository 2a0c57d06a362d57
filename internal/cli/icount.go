package cli

import (
	"strconv"
	"strings"

	"reprise/vm"
)

// rrMode is what qemu's rr option of icount asks for.
type rrMode uint8

const (
	rrNone rrMode = iota
	rrRecord
	rrReplay
)

// icount is the argument of --icount.
type icount struct {
	Shift uint8 // a step takes 1<<Shift ns of virtual time
	Sleep bool  // an idle wait lasts real time
	Mode  rrMode
	File  string // of rr; empty without
}

// defaultIcount is what holds without --icount.
var defaultIcount = icount{Sleep: true}

// parseIcount reads shift=N[,sleep=on|off][,rr=record|replay,rrfile=FILE], in
// any order; a first word without a name is the shift. The messages for a wrong
// rr are qemu's.
func parseIcount(text string) (icount, error) {
	ic := defaultIcount
	mode := ""
	for i, part := range splitOptions(text) {
		name, value, named := strings.Cut(part, "=")
		if !named {
			if i > 0 {
				return icount{}, usagef("icount option %q needs a value: %s=VALUE", name, name)
			}
			name, value = "shift", part
		}
		var err error
		switch name {
		case "shift":
			ic.Shift, err = parseShift(value)
		case "sleep":
			ic.Sleep, err = parseOnOff("icount", name, value)
		case "rr":
			mode = value
		case "rrfile":
			ic.File = value
		case "align":
			var on bool
			if on, err = parseOnOff("icount", name, value); on {
				err = usagef("icount align=on is not supported: virtual time never runs ahead of the host's while sleep=on")
			}
		case "rrsnapshot":
			err = usagef("icount rrsnapshot is not supported: there are no named snapshots, a replay makes its own")
		default:
			names := []string{"shift", "sleep", "rr", "rrfile"}
			err = usagef("unknown icount option %q%s: there are %s", name, didYouMean(name, names), strings.Join(names, ", "))
		}
		if err != nil {
			return icount{}, err
		}
	}
	return ic, ic.setMode(mode)
}

// setMode checks rr and rrfile together.
func (ic *icount) setMode(mode string) error {
	switch mode {
	case "":
		if ic.File != "" {
			return usagef("icount rrfile needs rr: add rr=record or rr=replay")
		}
		return nil
	case "record":
		ic.Mode = rrRecord
	case "replay":
		ic.Mode = rrReplay
	default:
		return usagef("Invalid icount rr option: %s", mode)
	}
	if ic.File == "" {
		return usagef("File name not specified for replay")
	}
	return nil
}

func parseShift(value string) (uint8, error) {
	if value == "auto" {
		return 0, usagef("icount shift=auto is not supported: a step always takes the same virtual time; give shift=0 to shift=%d", vm.MaxShift)
	}
	n, err := strconv.ParseUint(value, 10, 8)
	if err != nil || n > vm.MaxShift {
		return 0, usagef("icount shift=%s: the shift is a number from 0 to %d", value, vm.MaxShift)
	}
	return uint8(n), nil
}

// parseOnOff reads a boolean as qemu writes it.
func parseOnOff(of, name, value string) (bool, error) {
	switch value {
	case "on", "yes", "true", "y":
		return true, nil
	case "off", "no", "false", "n":
		return false, nil
	}
	return false, usagef("%s %s=%s: it is either on or off", of, name, value)
}

// splitOptions splits at commas; two of them stand for one that belongs to the
// text.
func splitOptions(text string) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == ',' {
			if i+1 == len(text) || text[i+1] != ',' {
				parts = append(parts, b.String())
				b.Reset()
				continue
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return append(parts, b.String())
}
