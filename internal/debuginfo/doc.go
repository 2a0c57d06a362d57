// Package debuginfo answers questions about the guest's programs from their ELF
// files and lists of symbols: which symbol an address belongs to, where a symbol
// is, from which line of source an instruction comes, how to find the frame of
// its caller, and what its variables are and where.
//
// It knows no machine and reads no files: whoever has the bytes of an image
// hands them in. Images may be hostile; what comes back then is an error.
//
// What is read never changes after it was made, and may be used from any
// goroutine.
package debuginfo
