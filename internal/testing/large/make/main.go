// Command make leaves a large recording at a path: one of a gigabyte, or with
// -small one of 40 MB.
package main

import (
	"flag"
	"fmt"
	"os"

	"reprise/internal/testing/large"
)

func main() {
	small := flag.Bool("small", false, "40 MB instead of a gigabyte")
	flag.Parse()
	size := large.Full
	if *small {
		size = large.Small
	}
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: make [-small] FILE")
		os.Exit(2)
	}
	if err := large.Record(flag.Arg(0), size); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}
