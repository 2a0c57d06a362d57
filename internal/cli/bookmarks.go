package cli

import (
	"reprise/internal/monitor"
	"reprise/internal/store"
	"reprise/vm/state"
)

// bookmarks are those of a recording as the monitor and the interface know
// them.
type bookmarks struct{ *store.Bookmarks }

// bookmarksOf are those of the recording at a path, which may be empty.
func bookmarksOf(path string) monitor.Bookmarks { return bookmarks{store.BookmarksOf(path)} }

func (b bookmarks) List() ([]monitor.Bookmark, error) {
	kept, err := b.Bookmarks.List()
	list := make([]monitor.Bookmark, len(kept))
	for i, mark := range kept {
		list[i] = monitor.Bookmark{Name: mark.Name, Step: state.Step(mark.Step), Note: mark.Note}
	}
	return list, err
}

func (b bookmarks) Set(mark monitor.Bookmark) error {
	return b.Bookmarks.Set(store.Bookmark{Name: mark.Name, Step: uint64(mark.Step), Note: mark.Note})
}
