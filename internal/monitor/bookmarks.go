package monitor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"reprise/vm/state"
)

// Bookmark is a named place in time.
type Bookmark struct {
	Name string
	Step state.Step
	Note string
}

// Bookmarks are those of the recording. The methods may be called from any
// goroutine.
type Bookmarks interface {
	// List returns them by rising step.
	List() ([]Bookmark, error)
	// Set makes one, or moves the one of that name.
	Set(b Bookmark) error
	// Delete removes one and reports whether there was one of that name.
	Delete(name string) (found bool, err error)
}

// errNoBookmarks is the answer where nobody keeps any.
var errNoBookmarks = errors.New("there are no bookmarks here: this machine is not recorded")

var bookmarkCommands = []Command{
	{Name: "bookmark", Aliases: []string{"mark"}, Usage: "NAME [NOTE...]", Help: "give this place a name, to which replay_seek goes back", run: setBookmark},
	{Name: "info bookmarks", Help: "list the bookmarks", run: infoBookmarks},
	{Name: "delete_bookmark", Usage: "NAME", Help: "remove a bookmark", run: deleteBookmark},
}

// Target reads a place in time: a bookmark, or what [ParseTarget] reads.
func (env Env) Target(text string) (state.Step, error) {
	if env.Marks != nil {
		list, err := env.Marks.List()
		if err != nil {
			return 0, err
		}
		for _, b := range list {
			if b.Name == text {
				return inside(b.Step, env.Session.Status())
			}
		}
	}
	return ParseTarget(text, env.Session.Status())
}

func setBookmark(_ context.Context, env Env, args []string) (string, error) {
	switch {
	case env.Marks == nil:
		return "", errNoBookmarks
	case len(args) == 0:
		return "", fmt.Errorf("usage: bookmark NAME [NOTE...]")
	}
	if _, err := ParseTarget(args[0], env.Session.Status()); err == nil || strings.ContainsAny(args[0], "%+-,") {
		return "", fmt.Errorf("%q reads like a step: a bookmark's name begins with a letter", args[0])
	}
	b := Bookmark{Name: args[0], Step: env.Session.Status().Position, Note: strings.Join(args[1:], " ")}
	if err := env.Marks.Set(b); err != nil {
		return "", err
	}
	return fmt.Sprintf("bookmark %s at step %v", b.Name, b.Step), nil
}

func infoBookmarks(_ context.Context, env Env, _ []string) (string, error) {
	if env.Marks == nil {
		return "", errNoBookmarks
	}
	list, err := env.Marks.List()
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "no bookmarks: bookmark NAME makes one", nil
	}
	var b strings.Builder
	for _, mark := range list {
		fmt.Fprintf(&b, "%v  %s  %s\n", mark.Step, mark.Name, mark.Note)
	}
	return b.String(), nil
}

func deleteBookmark(_ context.Context, env Env, args []string) (string, error) {
	switch {
	case env.Marks == nil:
		return "", errNoBookmarks
	case len(args) != 1:
		return "", fmt.Errorf("usage: delete_bookmark NAME")
	}
	found, err := env.Marks.Delete(args[0])
	if err == nil && !found {
		err = fmt.Errorf("there is no bookmark %q: info bookmarks lists them", args[0])
	}
	return "", err
}
