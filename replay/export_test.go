package replay

// OnSlice calls fn after each slice that a timeline runs.
func OnSlice(t *Timeline, fn func()) { t.between = fn }
