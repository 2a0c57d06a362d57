// Package term is the guest's terminal screen as a value: bytes and the step
// that wrote them go in ([Screen.Write]); cells, text and ready-made lines for
// an outer terminal come out. The sequences understood are those of xterm and
// of the DEC VT220 to VT420, in UTF-8.
//
// It knows no machine, no session and no interface; steps are plain uint64.
// Nothing that the guest writes can make it panic, use memory beyond its
// limits, or produce a line that is not exactly as wide as the screen.
//
// A Screen belongs to one goroutine, and [Screen.Clone] counts as a use of it.
// Clones share rows until one of them is written, and may afterwards be used
// by different goroutines.
package term
