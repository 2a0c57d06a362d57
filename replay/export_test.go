package replay

// OnSlice calls fn after each slice that a timeline runs.
func OnSlice(t *Timeline, fn func()) { t.between = fn }

// KeepSnapshot makes a snapshot where a timeline stands, to stay.
func KeepSnapshot(t *Timeline) error { return t.snapshots.keep(false, true) }
