// Svg turns a terminal's screen into a picture: it reads text with escape
// sequences, as `tmux capture-pane -e -p` prints it, and writes SVG.
//
//	svg WIDTH HEIGHT TITLE < screen > picture.svg
//
// The picture brings its own dark background, so that it can be read on a light
// page and on a dark one. Lines that boxes are drawn with are lines in the
// picture; the font of whoever looks at it does not matter for them.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"

	"reprise/internal/term"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "svg:", err)
		os.Exit(2)
	}
}

// run does what the command line says.
func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: svg WIDTH HEIGHT TITLE < screen > picture.svg")
	}
	width, err := size(args[0])
	if err != nil {
		return err
	}
	height, err := size(args[1])
	if err != nil {
		return err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	_, err = out.Write(picture(screen(text, width, height), args[2]))
	return err
}

// size reads a number of columns or rows.
func size(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, fmt.Errorf("%q is not a size: 1 to 1000", text)
	}
	return n, nil
}

// screen is what a terminal shows after it was sent the lines of text.
func screen(text []byte, width, height int) *term.Screen {
	s := term.New(width, height, 0)
	text = bytes.TrimSuffix(text, []byte("\n"))
	s.Write(0, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	return s
}
