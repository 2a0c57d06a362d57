// Package statecheck tests that a component visits all of its state: that no
// field can change without its encoding, and so its digest, changing too, and
// that loading brings every field back.
//
// It knows no component; it finds the fields by reflection, the unexported
// ones too, and believes the struct tag `state:"-"`. It is for tests only, and
// runs on the test's goroutine.
package statecheck
