package chardev

// Blocker is implemented by a [Backend] whose device a recording cannot stand
// in for, because the guest reaches through it to something of the host.
type Blocker interface {
	// Blocks is why nothing can be recorded with it, for people.
	Blocks() (reason string)
}
