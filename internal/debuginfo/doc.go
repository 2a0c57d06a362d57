// Package debuginfo answers questions about the guest's programs from their ELF
// files and lists of symbols: which symbol an address belongs to, where a symbol
// is, and from which line of source an instruction comes.
//
// It knows no machine and reads no files: whoever has the bytes of an image
// hands them in. Images may be hostile; what comes back then is an error.
//
// A Symbols or a Lines never changes after it was made, and may be used from any
// goroutine.
package debuginfo
