package expr

import (
	"debug/dwarf"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"testing"

	"reprise/internal/debuginfo"
)

// scope has the demo's debugging information, memory in which every word is its
// own address, and a few registers.
func scope(t testing.TB) *Scope {
	t.Helper()
	data, err := os.ReadFile("../../assets/elf/demo.elf")
	if err != nil {
		t.Fatal(err)
	}
	info, err := debuginfo.LoadInfo("demo.elf", data)
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := debuginfo.Load("demo.elf", data)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scope{Info: info, Symbols: symbols}
	s.Register = func(name string) (uint64, bool) {
		v, ok := map[string]uint64{"a0": 5, "minus": ^uint64(0), "sp": 0x8000e000}[name]
		return v, ok
	}
	s.Context.Register = func(int) (uint64, bool) { return 0, false }
	s.Context.Memory = func(addr uint64, p []byte) int {
		for i := range p {
			var word [8]byte
			binary.LittleEndian.PutUint64(word[:], (addr+uint64(i))&^7)
			p[i] = word[(addr+uint64(i))&7]
		}
		return len(p)
	}
	return s
}

// TestArithmetic has the operators, their precedence, and C's conversions.
func TestArithmetic(t *testing.T) {
	s := scope(t)
	for text, want := range map[string]string{
		"1 + 2 * 3":                         "7",
		"(1 + 2) * 3":                       "9",
		"-7 / 2":                            "-3",
		"-7 % 3":                            "-1",
		"1 << 4 | 3 & 2":                    "18",
		"~0":                                "-1",
		"!5 || 0":                           "0",
		"3 > 2 ? 'a' : 'b'":                 "97 'a'",
		"1 / 0 == 0 && 0":                   "<division by zero>",
		"0 && 1 / 0":                        "0",
		"0x7fffffff + 1":                    "-2147483648",
		"0x7fffffffL + 1":                   "2147483648",
		"-1 < 0u":                           "0",
		"(unsigned char)300":                "44 ','",
		"(int8_t)0xff":                      "-1",
		"(uint16_t)-1":                      "65535",
		"(double)7 / 2":                     "3.5",
		"(int)((double)7 / 2)":              "3",
		"sizeof(long) + sizeof(struct job)": "4144",
		"sizeof pool":                       "33088",
		"$a0 + 1":                           "0x6",
		"$minus":                            "0xffffffffffffffff",
		"*(int *)0x10":                      "16",
		"*(struct job **)0x10":              "(struct job *) 0x10",
		"((struct job *)0x100)->next":       "(struct job *) 0x108",
		"&((struct job *)0x100)->next":      "(struct job **) 0x108",
		"(long *)0x100 + 2":                 "(long *) 0x110",
		"(long *)0x110 - (long *)0x100":     "2",
		"((int *)0x100)[2]":                 "264",
		"&pool[1] - pool":                   "1",
		"*$sp":                              "2147540992",
	} {
		v, err := Evaluate(text, s)
		got := ""
		if err != nil {
			got = FormatError(err)
		} else {
			got = s.Format(v)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestMistakes says what is wrong with an expression.
func TestMistakes(t *testing.T) {
	s := scope(t)
	for text, want := range map[string]string{
		"":                        "there is no expression",
		"1 +":                     "not complete",
		"(1":                      `")" is missing`,
		"1 2":                     `"2" is not expected there`,
		"a = 3":                   "nothing can be assigned",
		"nowhere":                 `"nowhere" is neither a variable here nor a symbol`,
		"$nothing":                "no register",
		"usage.nothing":           "it has used, ",
		"3->x":                    "int is no pointer",
		"*(void *)3":              "has no size",
		"(struct nobody)3":        `no type "struct nobody"`,
		"(struct job)3":           "*(struct job *)address",
		"&3":                      "no address",
		"12ab":                    "is not a number",
		"'":                       "is no character",
		"a; b":                    "has no meaning",
		"$a0.x":                   "has no members",
		strings.Repeat("(", 1000): "too deeply",
	} {
		if _, err := Evaluate(text, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestTypes reads the names of types.
func TestTypes(t *testing.T) {
	s := scope(t)
	for text, want := range map[string]string{
		"unsigned": "unsigned int 4", "long unsigned int": "unsigned long 8", "unsigned char *": "unsigned char * 8",
		"struct job": "struct job 4136", "const struct job **": "struct job ** 8", "uint32_t": "uint32_t 4", "void *": "void * 8",
	} {
		kind, err := ParseType(text, s.Info)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		v := Value{Type: kind}
		got := v.TypeName()
		if kind := kind.String(); strings.HasPrefix(kind, "long unsigned") {
			got = "unsigned long"
		}
		if size := want[strings.LastIndexByte(want, ' ')+1:]; got+" "+size != want || size != strconv.Itoa(v.Size()) {
			t.Errorf("%s is %s of %d bytes, want %s", text, got, v.Size(), want)
		}
	}
}

// TestBits reads members that are bits of a word.
func TestBits(t *testing.T) {
	s := scope(t)
	word := &dwarf.UintType{BasicType: plain("unsigned int", 4)}
	kind := &dwarf.StructType{Kind: "struct", StructName: "bits", CommonType: dwarf.CommonType{ByteSize: 8}, Field: []*dwarf.StructField{
		{Name: "a", Type: word, BitSize: 4, DataBitOffset: 0},
		{Name: "b", Type: word, BitSize: 7, DataBitOffset: 4},
		{Name: "c", Type: word, BitSize: 3, DataBitOffset: 35},
	}}
	s.Context.Memory = func(addr uint64, p []byte) int {
		return copy(p, binary.LittleEndian.AppendUint64(nil, 5|0x55<<4|6<<35)[addr:])
	}
	v := Value{Type: kind, Placed: true}
	if got := s.Format(v); got != "{a = 5, b = 85, c = 6}" {
		t.Error(got)
	}
}

// FuzzEvaluate evaluates anything: an answer or an error.
func FuzzEvaluate(f *testing.F) {
	s := scope(f)
	for _, seed := range []string{"jobs->next->name[3]", "*(struct job *)$sp", "pool", "-1 >> 70 ? 'x' : sizeof(int)", "&usage.used + 3"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		if v, err := Evaluate(text, s); err == nil {
			s.Format(v)
			s.Children(v)
		}
	})
}
