package ui

import "reprise/internal/unasked"

// This package is initialised after Bubble Tea, which it imports.
func init() { unasked.Restore() }
