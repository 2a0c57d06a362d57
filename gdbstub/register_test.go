package gdbstub

import (
	"encoding/xml"
	"slices"
	"testing"
)

// targetXML is the part of gdb's target description format that we use.
type targetXML struct {
	Architecture string `xml:"architecture"`
	OSABI        string `xml:"osabi"`
	Features     []struct {
		Name      string        `xml:"name,attr"`
		Registers []registerXML `xml:"reg"`
	} `xml:"feature"`
}

type registerXML struct {
	Name   string `xml:"name,attr"`
	Bits   int    `xml:"bitsize,attr"`
	Number int    `xml:"regnum,attr"`
	Type   string `xml:"type,attr"`
	Save   string `xml:"save-restore,attr"`
}

func TestDescription(t *testing.T) {
	var got targetXML
	text := description([]CSR{{"mstatus", 0x300}, {"odd<&\"name", 0xfff}})
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if got.Architecture != "riscv:rv64" || got.OSABI != "none" {
		t.Errorf("architecture %q, OS ABI %q", got.Architecture, got.OSABI)
	}
	registers := map[string][]registerXML{}
	var features []string
	for _, f := range got.Features {
		features = append(features, f.Name)
		registers[f.Name] = f.Registers
	}
	const prefix = "org.gnu.gdb.riscv."
	if want := []string{prefix + "cpu", prefix + "fpu", prefix + "csr", prefix + "virtual"}; !slices.Equal(features, want) {
		t.Fatalf("features %q, want %q", features, want)
	}
	for feature, want := range map[string][]registerXML{
		"cpu": {
			{"zero", 64, 0, "int", ""},
			{"ra", 64, 1, "code_ptr", ""},
			{"sp", 64, 2, "data_ptr", ""},
			{"fp", 64, 8, "data_ptr", ""},
			{"a0", 64, 10, "int", ""},
			{"t6", 64, 31, "int", ""},
			{"pc", 64, 32, "code_ptr", ""},
		},
		"fpu":     {{"ft0", 64, 33, "ieee_double", ""}, {"fa0", 64, 43, "ieee_double", ""}, {"ft11", 64, 64, "ieee_double", ""}},
		"csr":     {{"mstatus", 64, 65 + 0x300, "int", "no"}, {"odd<&\"name", 64, 65 + 0xfff, "int", "no"}},
		"virtual": {{"priv", 64, 4161, "int", "no"}},
	} {
		for _, r := range want {
			if !slices.Contains(registers[prefix+feature], r) {
				t.Errorf("%s lacks %+v", feature, r)
			}
		}
	}
	for i, r := range slices.Concat(registers[prefix+"cpu"], registers[prefix+"fpu"]) {
		if r.Number != i {
			t.Errorf("register %s has number %d, want %d", r.Name, r.Number, i)
		}
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		r     Register
		bank  Bank
		index int
	}{
		{X0, BankX, 0},
		{X0 + 31, BankX, 31},
		{PC, BankPC, 0},
		{F0, BankF, 0},
		{F0 + 31, BankF, 31},
		{FirstCSR, BankCSR, 0},
		{FirstCSR + 0x300, BankCSR, 0x300},
		{FirstCSR + 4095, BankCSR, 4095},
		{Privilege, BankPrivilege, 0},
	}
	for _, test := range tests {
		if bank, index := test.r.Split(); bank != test.bank || index != test.index {
			t.Errorf("register %d is %d of bank %d, want %d of %d", test.r, index, bank, test.index, test.bank)
		}
	}
}
