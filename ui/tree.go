package ui

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tree is a layout of panes: a place that panes share as tabs, or a split of the
// room into two trees. It is a value as text, too:
//
//	(disassembly | registers) / (console |60 events+memory)
//
// "|" puts two parts side by side and "/" one above the other. A number behind
// it is the share of the first, in percent; without one the panes have a say.
// "+" lets panes share a place, of which the first is shown.
type tree struct {
	tabs  []paneID // of a place: the panes that share it
	shown paneID   // which of them is seen

	parts   [2]*tree // of a split; nil for a place
	stacked bool     // one above the other
	share   int      // of the first, in percent of the room; 0 for what the panes wish
}

// place is a tree of one place.
func place(tabs ...paneID) *tree { return &tree{tabs: tabs, shown: tabs[0]} }

func (t *tree) isPlace() bool { return t.parts[0] == nil }

// panes are all panes, tabs included, in reading order.
func (t *tree) panes() []paneID {
	if t.isPlace() {
		return slices.Clone(t.tabs)
	}
	return append(t.parts[0].panes(), t.parts[1].panes()...)
}

// find returns the place of a pane, nil if it has none.
func (t *tree) find(p paneID) *tree {
	if t.isPlace() {
		if slices.Contains(t.tabs, p) {
			return t
		}
		return nil
	}
	if found := t.parts[0].find(p); found != nil {
		return found
	}
	return t.parts[1].find(p)
}

// show brings a pane to the front of its place and reports whether it has one.
func (t *tree) show(p paneID) bool {
	at := t.find(p)
	if at != nil {
		at.shown = p
	}
	return at != nil
}

// open gives a pane a tab in the place of another; both may be new to the tree,
// and then it is the first place.
func (t *tree) open(p, beside paneID) {
	if t.find(p) != nil {
		return
	}
	at := t.find(beside)
	for at == nil {
		if t.isPlace() {
			at = t
		}
		t = t.parts[0]
	}
	at.tabs = append(at.tabs, p)
}

// close takes a pane out; what shared its split gets the room. It reports false
// for the last one, which stays.
func (t *tree) close(p paneID) bool {
	if t.isPlace() {
		i := slices.Index(t.tabs, p)
		if i < 0 || len(t.tabs) == 1 {
			return false
		}
		t.tabs = slices.Delete(t.tabs, i, i+1)
		if t.shown == p {
			t.shown = t.tabs[min(i, len(t.tabs)-1)]
		}
		return true
	}
	for i, part := range t.parts {
		if part.isPlace() && slices.Equal(part.tabs, []paneID{p}) {
			*t = *t.parts[1-i]
			return true
		}
	}
	return t.parts[0].close(p) || t.parts[1].close(p)
}

// swap exchanges what two places show, with all their tabs.
func (t *tree) swap(a, b paneID) {
	x, y := t.find(a), t.find(b)
	if x != nil && y != nil {
		x.tabs, y.tabs, x.shown, y.shown = y.tabs, x.tabs, y.shown, x.shown
	}
}

// places are the places in reading order.
func (t *tree) places() []*tree {
	if t.isPlace() {
		return []*tree{t}
	}
	return append(t.parts[0].places(), t.parts[1].places()...)
}

// border is the line between the two parts of a split, and the room that the
// split divides.
type border struct {
	split *tree
	room  rect // of both parts
	at    int  // the size of the first part: its columns, or its rows
}

// length is the room along the direction of the split.
func (b border) length() int {
	if b.split.stacked {
		return b.room.height
	}
	return b.room.width - 1
}

// move gives the first part some columns or rows.
func (b border) move(to int) {
	length := max(b.length(), 1)
	b.split.share = min(max((100*to+length/2)/length, 1), 99)
}

// on reports whether a point of the body is on the line.
func (b border) on(x, y int) bool {
	if b.split.stacked {
		return y == b.room.y+b.at && x >= b.room.x && x < b.room.x+b.room.width
	}
	return x == b.room.x+b.at && y >= b.room.y && y < b.room.y+b.room.height
}

// The least room of a pane that is shown, title included.
const (
	leastColumns = 10
	leastRows    = 2
)

// wishes are what panes would like to have of a room along one direction, as far
// as the user has not decided; ok is false for one that takes what it gets. None
// at all hides the pane.
type wishes func(p paneID, stacked bool, room int) (size int, ok bool)

// place divides a room. Where there is not enough for both parts of a split, the
// one with the focused pane gets all.
func (t *tree) place(room rect, focus paneID, wish wishes) (rects []rect, borders []border) {
	if t.isPlace() {
		room.pane = t.shown
		return []rect{room}, nil
	}
	a, b := t.divide(room, focus, wish)
	for i, part := range []rect{a, b} {
		if part.width > 0 && part.height > 0 {
			r, lines := t.parts[i].place(part, focus, wish)
			rects, borders = append(rects, r...), append(borders, lines...)
		}
	}
	if a.width > 0 && b.width > 0 && a.height > 0 && b.height > 0 {
		at := a.width
		if t.stacked {
			at = a.height
		}
		borders = append(borders, border{t, room, at})
	}
	return rects, borders
}

// divide gives each part of a split its room, none to one that is hidden.
func (t *tree) divide(room rect, focus paneID, wish wishes) (a, b rect) {
	a, b = room, room
	length, least := room.width-1, leastColumns
	if t.stacked {
		length, least = room.height, leastRows
	}
	first := t.firstSize(length, wish)
	// A part that wishes for nothing is hidden, unless it has the focus.
	switch tight := length < 2*least; {
	case (first <= 0 || tight) && t.parts[1].find(focus) != nil, first <= 0 && t.parts[0].find(focus) == nil:
		return rect{}, b
	case (first >= length || tight) && t.parts[1].find(focus) == nil:
		return a, rect{}
	}
	first = min(max(first, least), length-least)
	if t.stacked {
		a.height, b.y, b.height = first, room.y+first, length-first
	} else {
		a.width, b.x, b.width = first, room.x+first+1, length-first
	}
	return a, b
}

// firstSize is the size of the first part.
func (t *tree) firstSize(length int, wish wishes) int {
	if t.share > 0 {
		return min(max((length*t.share+50)/100, 1), length-1)
	}
	if n, ok := t.parts[1].wish(t.stacked, length, wish); ok {
		return length - n
	}
	if n, ok := t.parts[0].wish(t.stacked, length, wish); ok {
		return n
	}
	return length / 2
}

// wish is the room that a tree would like to have.
func (t *tree) wish(stacked bool, room int, wish wishes) (size int, ok bool) {
	if t.isPlace() {
		return wish(t.shown, stacked, room)
	}
	a, okA := t.parts[0].wish(stacked, room, wish)
	b, okB := t.parts[1].wish(stacked, room, wish)
	if t.stacked == stacked {
		return a + b, okA && okB
	}
	return max(a, b), okA || okB
}

// String is the tree as parseTree reads it.
func (t *tree) String() string {
	if t.isPlace() {
		names := []string{paneNames[t.shown]}
		for _, p := range t.tabs {
			if p != t.shown {
				names = append(names, paneNames[p])
			}
		}
		return strings.Join(names, "+")
	}
	part := func(of *tree) string {
		if of.isPlace() {
			return of.String()
		}
		return "(" + of.String() + ")"
	}
	sign := "|"
	if t.stacked {
		sign = "/"
	}
	if t.share > 0 {
		sign += fmt.Sprint(t.share)
	}
	return part(t.parts[0]) + " " + sign + " " + part(t.parts[1])
}

// parseTree reads a layout. Each pane is in it once at most.
func parseTree(text string) (*tree, error) {
	p := treeParser{words: treeWord.FindAllString(text, -1)}
	t, err := p.split()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("%q is one too many: put parts that are split again into brackets", p.words[0])
	}
	if err != nil {
		return nil, fmt.Errorf("the layout %q: %w", text, err)
	}
	return t, nil
}

// treeWord is a word of a layout: a bracket, a plus, a sign with its share, or a
// name.
var treeWord = regexp.MustCompile(`[()+]|[|/][0-9]*|[^\s()+|/]+`)

// treeParser reads words from the front.
type treeParser struct {
	words []string
	seen  []paneID
}

func (p *treeParser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

// split reads a part, and if a sign follows another.
func (p *treeParser) split() (*tree, error) {
	first, err := p.part()
	if err != nil || len(p.words) == 0 || !strings.ContainsAny(p.words[0][:1], "|/") {
		return first, err
	}
	sign := p.next()
	t := &tree{stacked: sign[0] == '/'}
	if number := sign[1:]; number != "" {
		if t.share, err = strconv.Atoi(number); err != nil || t.share < 1 || t.share > 99 {
			return nil, fmt.Errorf("%q is not a share: 1 to 99 percent", number)
		}
	}
	second, err := p.part()
	t.parts = [2]*tree{first, second}
	return t, err
}

// part reads a place or a split in brackets.
func (p *treeParser) part() (*tree, error) {
	word := p.next()
	if word == "(" {
		t, err := p.split()
		if err == nil && p.next() != ")" {
			err = fmt.Errorf("a bracket is not closed")
		}
		return t, err
	}
	var tabs []paneID
	for {
		pane, ok := paneNamed(word)
		switch {
		case word == "":
			return nil, fmt.Errorf("a pane is missing: one of %s", strings.Join(paneNames[:], ", "))
		case !ok:
			return nil, fmt.Errorf("there is no pane %q: they are %s", word, strings.Join(paneNames[:], ", "))
		case slices.Contains(p.seen, pane):
			return nil, fmt.Errorf("%s is in it twice", word)
		}
		p.seen, tabs = append(p.seen, pane), append(tabs, pane)
		if len(p.words) == 0 || p.words[0] != "+" {
			return place(tabs...), nil
		}
		p.next()
		word = p.next()
	}
}
