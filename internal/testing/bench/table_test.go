package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	figures := table{{"", "one", "two"}}
	figures.add("µ", "1", "2,000")
	var out strings.Builder
	figures.write(&out)
	want := "\n|   | one |   two |\n|---|----:|------:|\n| µ |   1 | 2,000 |\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestFigures(t *testing.T) {
	for want, got := range map[string]string{
		"0.098":   digits(0.0984),
		"1.50":    digits(1.5),
		"43.2":    digits(43.21),
		"1235":    digits(1234.6),
		"999":     thousands(999),
		"1,000":   thousands(1000),
		"0.250 s": seconds(250 * time.Millisecond),
		"2 MiB":   mebibytes(2<<20 + 1<<18),
		"2.00":    ratio(2*time.Second, time.Second),
		"":        ratio(0, time.Second),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	for i := range time.Duration(100) {
		times = append(times, 99-i)
	}
	for p, want := range map[int]time.Duration{0: 0, 50: 50, 99: 99, 100: 99} {
		if got := percentile(times, p); got != want {
			t.Errorf("percentile %d of 0 to 99 is %d", p, got)
		}
	}
	if median(nil) != 0 {
		t.Error("nothing has a median")
	}
}

// TestFollow finds texts that come in pieces, in order, and types only then.
func TestFollow(t *testing.T) {
	g := &guest{script: []mark{{"one", "1"}, {"two", ""}, {"one", "3"}}}
	r := &result{at: []time.Duration{0}}
	out := &pieces{"tw", "o on", "e", " two", " two o", "ne."}
	var in strings.Builder
	console, err := r.follow(&subject{live: true}, g, time.Now(), out, &in)
	if err != nil || string(console) != "two one two two one." {
		t.Errorf("read %q, %v", console, err)
	}
	if in.String() != "13" || len(r.at) != 4 {
		t.Errorf("typed %q after %d marks", in.String(), len(r.at)-1)
	}
}

// pieces is a reader that gives one piece at a time.
type pieces []string

func (p *pieces) Read(buf []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, (*p)[0])
	*p = (*p)[1:]
	return n, nil
}
