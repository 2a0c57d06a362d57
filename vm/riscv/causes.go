package riscv

import "strconv"

// The names of causes in the words of qemu's log, by their numbers (privileged
// ISA, table 3.6). What has none is reserved, or belongs to extensions that the
// hart does not have.
var (
	exceptionNames = [...]string{
		"misaligned_fetch", "fault_fetch", "illegal_instruction", "breakpoint",
		"misaligned_load", "fault_load", "misaligned_store", "fault_store",
		"user_ecall", "supervisor_ecall", "", "machine_ecall",
		"exec_page_fault", "load_page_fault", "", "store_page_fault",
	}
	interruptNames = [...]string{
		1: "s_software", 3: "m_software", 5: "s_timer", 7: "m_timer", 9: "s_external", 11: "m_external",
	}
)

// CauseName names the cause of a trap, without the interrupt bit, as qemu's log
// does: "illegal_instruction", "m_timer".
func CauseName(cause uint64, interrupt bool) string {
	names := exceptionNames[:]
	if interrupt {
		names = interruptNames[:]
	}
	if cause < uint64(len(names)) && names[cause] != "" {
		return names[cause]
	}
	return "cause_" + strconv.FormatUint(cause, 10)
}
