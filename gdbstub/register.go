package gdbstub

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Register is a register of a hart in gdb's numbering for RISC-V.
type Register int

// The banks of gdb's numbering. CSR n is FirstCSR + n.
const (
	X0        Register = 0
	PC        Register = 32
	F0        Register = 33
	FirstCSR  Register = 65
	Privilege Register = FirstCSR + 4096 // not a CSR: 0 U, 1 S, 3 M
)

// CSR names a control and status register, as the privileged ISA does.
type CSR struct {
	Name   string
	Number uint16 // 0 to 4095
}

// Bank is the kind of a register.
type Bank uint8

// The banks.
const (
	BankX         Bank = iota // x0 to x31
	BankPC                    // the pc
	BankF                     // f0 to f31, the whole 64 bits
	BankCSR                   // control and status registers
	BankPrivilege             // the privilege mode
)

// Split returns the bank of a register and its number in it: 10 for a0, 0x300
// for mstatus. Only registers of the target description reach a target.
func (r Register) Split() (bank Bank, index int) {
	switch {
	case r < PC:
		return BankX, int(r)
	case r < F0:
		return BankPC, 0
	case r < FirstCSR:
		return BankF, int(r - F0)
	case r < Privilege:
		return BankCSR, int(r - FirstCSR)
	}
	return BankPrivilege, 0
}

// Names of the calling convention (RISC-V psABI), which gdb prefers.
const (
	xNames = "zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 " +
		"s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6"
	fNames = "ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 " +
		"fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11"
)

// description returns target.xml (gdb manual, "Target Descriptions" and
// "RISC-V Features"). The line about the OS ABI matters: without it a gdb
// built for Linux steps by a breakpoint at the pc it guesses, and so runs
// through every trap handler.
func description(csrs []CSR) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?>` + "\n" +
		`<!DOCTYPE target SYSTEM "gdb-target.dtd">` + "\n" +
		`<target version="1.0">` + "\n" +
		`<architecture>riscv:rv64</architecture>` + "\n" +
		`<osabi>none</osabi>` + "\n")
	feature := func(name string, registers func()) {
		fmt.Fprintf(&b, "<feature name=\"org.gnu.gdb.riscv.%s\">\n", name)
		registers()
		b.WriteString("</feature>\n")
	}
	register := func(r Register, name, attributes string) {
		fmt.Fprintf(&b, `<reg name="%s" bitsize="64" regnum="%d" %s/>`+"\n", escapeXML(name), r, attributes)
	}
	feature("cpu", func() {
		for i, name := range strings.Fields(xNames) {
			kind := "int"
			switch name {
			case "ra":
				kind = "code_ptr"
			case "sp", "gp", "tp", "fp":
				kind = "data_ptr"
			}
			register(X0+Register(i), name, `type="`+kind+`"`)
		}
		register(PC, "pc", `type="code_ptr"`)
	})
	feature("fpu", func() {
		for i, name := range strings.Fields(fNames) {
			register(F0+Register(i), name, `type="ieee_double"`)
		}
	})
	feature("csr", func() {
		for _, csr := range csrs {
			register(FirstCSR+Register(csr.Number), csr.Name, `type="int" save-restore="no"`)
		}
	})
	feature("virtual", func() { register(Privilege, "priv", `type="int" save-restore="no"`) })
	b.WriteString("</target>\n")
	return b.String()
}

func escapeXML(text string) string {
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
