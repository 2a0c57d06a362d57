package replay

// AfterSlices lets a test look around after every slice of a movement.
func (t *Timeline) AfterSlices(fn func()) { t.between = fn }
