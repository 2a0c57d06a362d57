// Package unwind finds the frames of a stack: from the call frame information of
// the guest's programs where there is any, else from what the beginning of a
// function does to the stack, from the chain of frame pointers, and at last from
// the register that a call links to. Each frame says how it was found.
//
// It reads registers and memory through functions that it is given and changes
// nothing. It has no state: what it needs may be used from any goroutine, and so
// may it.
package unwind
