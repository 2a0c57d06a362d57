package export

import (
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// Cast writes a console as a film: asciicast v2, a line of JSON for the header
// and one for each piece of output. What cannot be shown as text, since it is not
// UTF-8, becomes U+FFFD there; a character that is cut in two is put together
// again.
type Cast struct {
	enc  *json.Encoder
	held []byte // the beginning of a character
	err  error
}

// castHeader is the first line.
type castHeader struct {
	Version int    `json:"version"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Title   string `json:"title,omitempty"`
}

// NewCast begins a film of a terminal of the given size.
func NewCast(w io.Writer, width, height int, title string) *Cast {
	c := &Cast{enc: json.NewEncoder(w)}
	c.enc.SetEscapeHTML(false)
	c.err = c.enc.Encode(castHeader{2, width, height, title})
	return c
}

// Output adds what was written at a time in ns, which never falls.
func (c *Cast) Output(ns uint64, p []byte) {
	data := append(c.held, p...)
	whole := len(data) - partial(data)
	c.held = append([]byte(nil), data[whole:]...)
	c.put(ns, data[:whole])
}

// Close writes what is left and returns the first error that there was. The
// writer stays open.
func (c *Cast) Close(ns uint64) error {
	c.put(ns, c.held)
	c.held = nil
	return c.err
}

func (c *Cast) put(ns uint64, p []byte) {
	if len(p) == 0 || c.err != nil {
		return
	}
	text := strings.ToValidUTF8(string(p), string(utf8.RuneError))
	c.err = c.enc.Encode([]any{float64(ns/1000) / 1e6, "o", text})
}

// partial is how many bytes at the end of p are the beginning of a character
// that is not whole.
func partial(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if b := p[len(p)-n]; utf8.RuneStart(b) {
			if b >= 0xc0 && !utf8.FullRune(p[len(p)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
