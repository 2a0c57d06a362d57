package expr

import (
	"debug/dwarf"
	"fmt"
	"slices"
	"strings"

	"reprise/internal/debuginfo"
)

// basic are the types that need no debugging information (RISC-V ELF psABI, "C
// type details").
var basic = map[string]dwarf.Type{
	"char":           &dwarf.UcharType{BasicType: plain("char", 1)},
	"signed char":    &dwarf.CharType{BasicType: plain("signed char", 1)},
	"unsigned char":  &dwarf.UcharType{BasicType: plain("unsigned char", 1)},
	"short":          &dwarf.IntType{BasicType: plain("short", 2)},
	"unsigned short": &dwarf.UintType{BasicType: plain("unsigned short", 2)},
	"int":            &dwarf.IntType{BasicType: plain("int", 4)},
	"unsigned int":   &dwarf.UintType{BasicType: plain("unsigned int", 4)},
	"long":           &dwarf.IntType{BasicType: plain("long", 8)},
	"unsigned long":  &dwarf.UintType{BasicType: plain("unsigned long", 8)},
	"float":          &dwarf.FloatType{BasicType: plain("float", 4)},
	"double":         &dwarf.FloatType{BasicType: plain("double", 8)},
	"bool":           &dwarf.BoolType{BasicType: plain("bool", 1)},
	"void":           &dwarf.VoidType{CommonType: dwarf.CommonType{Name: "void"}},
	"int8_t":         &dwarf.IntType{BasicType: plain("int8_t", 1)},
	"int16_t":        &dwarf.IntType{BasicType: plain("int16_t", 2)},
	"int32_t":        &dwarf.IntType{BasicType: plain("int32_t", 4)},
	"int64_t":        &dwarf.IntType{BasicType: plain("int64_t", 8)},
	"uint8_t":        &dwarf.UintType{BasicType: plain("uint8_t", 1)},
	"uint16_t":       &dwarf.UintType{BasicType: plain("uint16_t", 2)},
	"uint32_t":       &dwarf.UintType{BasicType: plain("uint32_t", 4)},
	"uint64_t":       &dwarf.UintType{BasicType: plain("uint64_t", 8)},
}

func plain(name string, size int64) dwarf.BasicType {
	return dwarf.BasicType{CommonType: dwarf.CommonType{Name: name, ByteSize: size}}
}

// ParseType reads the name of a type, such as "struct job *" or "uint32_t".
func ParseType(text string, info *debuginfo.Info) (dwarf.Type, error) {
	tokens, err := split(text)
	if err != nil {
		return nil, err
	}
	t, ok, err := parseType(tokens, info)
	if err == nil && !ok {
		err = fmt.Errorf("there is no type %q", text)
	}
	return t, err
}

// parseType reads the name of a type with any number of stars; false if the
// tokens are none. A name behind struct, union or enum that is not known is an
// error.
func parseType(tokens []string, info *debuginfo.Info) (t dwarf.Type, ok bool, err error) {
	stars := 0
	for len(tokens) > 0 && tokens[len(tokens)-1] == "*" {
		tokens, stars = tokens[:len(tokens)-1], stars+1
	}
	var words []string
	for _, w := range tokens {
		if w != "const" && w != "volatile" {
			words = append(words, w)
		}
	}
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return !inName(rune(w[0])) }) {
		return nil, false, nil
	}
	name := strings.Join(words, " ")
	t, ok = info.Type(name)
	if !ok {
		t, ok = basic[plainName(words)]
	}
	if !ok {
		if slices.Contains([]string{"struct", "union", "enum"}, words[0]) {
			return nil, false, fmt.Errorf("there is no type %q", name)
		}
		return nil, false, nil
	}
	for range stars {
		t = pointerTo(t)
	}
	return t, true, nil
}

// plainName writes one of C's basic types in one way: "unsigned", "long unsigned
// int" and "unsigned long int" have several.
func plainName(words []string) string {
	if len(words) == 1 && words[0] != "unsigned" && words[0] != "signed" {
		return words[0]
	}
	count := map[string]int{}
	for _, w := range words {
		if !slices.Contains([]string{"signed", "unsigned", "char", "short", "int", "long"}, w) {
			return ""
		}
		count[w]++
	}
	base := "int"
	switch {
	case count["char"] > 0:
		base = "char"
	case count["short"] > 0:
		base = "short"
	case count["long"] > 0:
		base = "long"
	}
	switch {
	case count["unsigned"] > 0:
		return "unsigned " + base
	case count["signed"] > 0 && base == "char":
		return "signed char"
	}
	return base
}

// typeName is a type as people write it.
func typeName(t dwarf.Type) string {
	switch t := t.(type) {
	case nil:
		return "long"
	case *dwarf.PtrType:
		if t.Type == nil {
			return "void *"
		}
		inner := typeName(t.Type)
		if _, ok := underlying(t.Type).(*dwarf.FuncType); ok {
			if _, named := t.Type.(*dwarf.TypedefType); !named {
				return "function *"
			}
		}
		return strings.TrimRight(inner, " ") + strings.Repeat(" ", map[bool]int{false: 1}[strings.HasSuffix(inner, "*")]) + "*"
	case *dwarf.StructType:
		if t.StructName == "" {
			return t.Kind + " {...}"
		}
		return t.Kind + " " + t.StructName
	case *dwarf.EnumType:
		return "enum " + t.EnumName
	case *dwarf.QualType:
		return t.Qual + " " + typeName(t.Type)
	case *dwarf.ArrayType:
		return fmt.Sprintf("%s [%d]", typeName(t.Type), t.Count)
	case *dwarf.VoidType:
		return "void"
	case *dwarf.TypedefType:
		return t.Name
	}
	return t.String()
}

// TypeName is the type of a value as people write it.
func (v Value) TypeName() string { return typeName(v.Type) }

// Size is the bytes of the value.
func (v Value) Size() int { return size(v.Type) }
