package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// element is an element of a picture.
type element struct {
	name, text string
	attributes map[string]string
}

// elements makes a picture of a screen and reads it back.
func elements(t *testing.T, screen string) []element {
	t.Helper()
	picture := SVG(Screen([]byte(screen), 20, 3), "a <title>")
	var list []element
	for dec := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			list = append(list, e)
		case xml.CharData:
			list[len(list)-1].text += strings.TrimSpace(string(token))
		}
	}
}

// find returns the elements of a name.
func find(list []element, name string) []element {
	return slices.DeleteFunc(slices.Clone(list), func(e element) bool { return e.name != name })
}

func TestWords(t *testing.T) {
	list := elements(t, "a<b  \x1b[1;31mred\x1b[0m\n\x1b[7mback\x1b[0m\n日本\n")
	if title := find(list, "title"); len(title) != 1 || title[0].text != "a <title>" {
		t.Errorf("the title is %+v", title)
	}
	want := []struct {
		text string
		has  map[string]string
	}{
		{"a<b", map[string]string{"x": "14.0", "y": "27.5", "textLength": "25.2", "fill": foreground}},
		{"red", map[string]string{"x": "56.0", "font-weight": "bold", "fill": palette[1]}},
		{"back", map[string]string{"y": "45.5", "fill": background}},
		{"日本", map[string]string{"textLength": "33.6"}},
	}
	words := find(list, "text")
	if len(words) != len(want) {
		t.Fatalf("the words are %+v", words)
	}
	for i, w := range want {
		if words[i].text != w.text {
			t.Errorf("word %d is %q, want %q", i, words[i].text, w.text)
		}
		for name, value := range w.has {
			if got := words[i].attributes[name]; got != value {
				t.Errorf("%q: %s is %q, want %q", w.text, name, got, value)
			}
		}
	}
	rects := find(list, "rect")
	if len(rects) != 2 || rects[1].attributes["fill"] != foreground || rects[1].attributes["width"] != "33.6" {
		t.Errorf("behind the words are %+v", rects)
	}
}

func TestBoxes(t *testing.T) {
	list := elements(t, "┌─\n│x")
	if words := find(list, "text"); len(words) != 1 || words[0].text != "x" {
		t.Errorf("the words are %+v", words)
	}
	paths := find(list, "path")
	if len(paths) != 2 {
		t.Fatalf("the lines are %+v", paths)
	}
	if got, want := paths[0].attributes["d"], "M18.2 23.0L22.4 23.0M18.2 23.0L18.2 32.0M26.6 23.0L22.4 23.0M26.6 23.0L30.8 23.0"; got != want {
		t.Errorf("the first row's lines are %s, want %s", got, want)
	}
}

func TestColours(t *testing.T) {
	for sequence, want := range map[string]string{
		"38;5;16": "#000000", "38;5;196": "#ff0000", "38;5;231": "#ffffff", "38;5;232": "#080808", "38;2;1;2;3": "#010203", "92": palette[10],
	} {
		words := find(elements(t, "\x1b["+sequence+"mx"), "text")
		if len(words) != 1 || words[0].attributes["fill"] != want {
			t.Errorf("%s: %+v, want %s", sequence, words, want)
		}
	}
}
