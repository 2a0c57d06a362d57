// Package netdev is the host's side of network cards: backends that take frames
// from the guest and have frames for it. Frames are Ethernet's, without the
// check sequence.
//
// It knows no machine and no recording. A backend has goroutines of its own; it
// calls its owner from them, and its methods may be called from any goroutine.
// Nothing here ever blocks its caller: a network loses what it cannot carry.
package netdev
