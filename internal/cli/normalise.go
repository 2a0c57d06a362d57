package cli

import (
	"strings"

	"github.com/spf13/pflag"
)

// normaliser rewrites the options of one command from qemu's spelling, in which
// names of any length have one dash, to that of pflag, in which they have two.
type normaliser struct {
	flags *pflag.FlagSet
	qemu  bool // the command takes a machine: options of qemu's that we lack are told apart from misspelt ones
}

// normalise rewrites the arguments that follow the command's name. Values of
// options stay as they are, even if they begin with a dash; so does everything
// after "--".
func (n normaliser) normalise(args []string) ([]string, error) {
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...), nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			out = append(out, arg)
			continue
		}
		text, flag, err := n.option(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
		if flag != nil && flag.NoOptDefVal == "" && !strings.Contains(text, "=") && i+1 < len(args) {
			i++
			out = append(out, args[i])
		}
	}
	return out, nil
}

// option rewrites one option. The flag is nil if the value, if there is any, is
// part of the text.
func (n normaliser) option(arg string) (string, *pflag.Flag, error) {
	name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if arg[1] != '-' && len(name) == 1 && !hasValue {
		if flag := n.flags.ShorthandLookup(name); flag != nil {
			return arg, flag, nil
		}
		return "", nil, n.unknown(arg, name)
	}
	if flag := n.flags.Lookup(name); flag != nil {
		if hasValue {
			return "--" + name + "=" + value, nil, nil
		}
		return "--" + name, flag, nil
	}
	if arg[1] != '-' && n.shorthands(name, hasValue) {
		return arg, nil, nil
	}
	return "", nil, n.unknown(strings.SplitN(arg, "=", 2)[0], name)
}

// shorthands reports whether a word with one dash is made of one-letter
// options: several that take no value, or one with its value attached.
func (n normaliser) shorthands(word string, hasValue bool) bool {
	flag := n.flags.ShorthandLookup(word[:1])
	if flag == nil {
		return false
	}
	if flag.NoOptDefVal == "" {
		_, lacked := lackedOption(word)
		typo := nearest(word, n.names())
		return hasValue || !lacked && (typo == "" || typo[0] != word[0])
	}
	for _, letter := range word {
		flag := n.flags.ShorthandLookup(string(letter))
		if letter >= 0x80 || flag == nil || flag.NoOptDefVal == "" {
			return false
		}
	}
	return !hasValue
}

// unknown is the error for an option that we lack.
func (n normaliser) unknown(arg, name string) error {
	if n.qemu {
		if o, ok := lackedOption(name); ok {
			return usagef("qemu's option %s is not supported: %s", arg, o.reason)
		}
	}
	suggestion := ""
	if best := nearest(name, n.names()); best != "" && len(name) > 1 {
		suggestion = " (did you mean " + strings.Repeat("-", len(arg)-len(strings.TrimLeft(arg, "-"))) + best + "?)"
	}
	return usagef("unknown option %s%s: see --help", arg, suggestion)
}

// names are the long names of the command's flags.
func (n normaliser) names() []string {
	var names []string
	n.flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}
