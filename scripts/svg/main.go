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
	"fmt"
	"io"
	"os"
	"strconv"

	"reprise/internal/export"
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
	_, err = out.Write(export.SVG(export.Screen(text, width, height), args[2]))
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
