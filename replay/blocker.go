package replay

import "reprise/chardev"

// BlockedError refuses to record a configuration that a replay could not stand
// in for.
type BlockedError struct {
	Device string // the character device, such as "serial0"
	Reason string
}

// Error is one line, in QEMU's words.
func (e *BlockedError) Error() string { return "Record/replay: " + e.Device + ": " + e.Reason }

// blocked looks for a reason not to record.
func blocked(consoles []Console) error {
	for _, c := range consoles {
		if b, ok := c.Backend.(chardev.Blocker); ok {
			return &BlockedError{Device: c.Name, Reason: b.Blocks()}
		}
	}
	return nil
}
