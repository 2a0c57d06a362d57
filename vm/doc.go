// Package vm is the machine: harts, RAM, devices and the board that joins them,
// QEMU's -M virt. It is all of the guest's state and nothing else.
//
// A machine is a pure function of its configuration and of the inputs given to
// it at stated steps. What it cannot know it asks of its [Host]. It imports
// nothing that could tell it of the outside, starts no goroutine and keeps no
// global state; a test checks the imports.
//
// Every change of state is exactly one [Step]. [Machine.Run] stops at exactly
// the step asked for, however the way there was divided into calls.
//
// A Machine belongs to one goroutine.
package vm
