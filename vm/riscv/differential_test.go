package riscv

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	diffSeed  = flag.Uint64("seed", 1, "seed of the random cases")
	diffCases = flag.Int("cases", 7*maxCases, "random cases to compare with qemu, of some 90 instructions each")
	diffTime  = flag.Duration("for", 0, "go on with new cases for so long")
)

// TestDifferential runs random cases here and on qemu.
func TestDifferential(t *testing.T) {
	begin := time.Now()
	instructions, left, lost, done := 0, 0, 0, 0
	for done < *diffCases || time.Since(begin) < *diffTime {
		batch := make([]*testCase, maxCases)
		for i := range batch {
			batch[i] = generateCase(*diffSeed, uint64(done+i))
			instructions += batch[i].instructions()
		}
		var suspects []int
		if !compareCases(t, batch, func(i int, a, b result) {
			if len(differences(batch[i], a, b)) > 0 {
				suspects = append(suspects, i)
			}
		}) {
			lost++
		}
		// Again alone: a case may have met what another, left open, did to memory.
		for _, i := range suspects {
			c := batch[i]
			compareCases(t, []*testCase{c}, func(_ int, a, b result) {
				switch list := differences(c, a, b); {
				case len(list) == 0:
				case open(c, a) || open(c, b):
					left++
				default:
					report(t, fmt.Sprintf("seed-%d-case-%d", *diffSeed, done+i), c, a, list)
				}
			})
		}
		done += len(batch)
	}
	t.Logf("seed %d: %d cases of %d instructions; %d differ in what is left open", *diffSeed, done, instructions, left)
	if lost > 0 {
		t.Logf("%d batches of %d cases were given up", lost, maxCases)
	}
	if lost > done/maxCases/10 {
		t.Error("too many batches do not end")
	}
}

// TestDifferentialCases runs the cases that once differed: testdata/cases.
func TestDifferentialCases(t *testing.T) {
	files, cases := readCases(t, "testdata/cases")
	if !compareCases(t, cases, func(i int, ours, theirs result) {
		if list := differences(cases[i], ours, theirs); len(list) > 0 {
			t.Errorf("%s: differs in\n\t%s", files[i], strings.Join(list, "\n\t"))
		}
	}) {
		t.Error("the cases do not end")
	}
}

// TestDifferentialOpen runs the cases in which qemu does something else and is known to: testdata/open.
func TestDifferentialOpen(t *testing.T) {
	files, cases := readCases(t, "testdata/open")
	if !compareCases(t, cases, func(i int, ours, theirs result) {
		if c := cases[i]; len(differences(c, ours, theirs)) == 0 || !open(c, ours) && !open(c, theirs) {
			t.Errorf("%s: is as on qemu, or differs in what is not left open", files[i])
		}
	}) {
		t.Error("the cases do not end")
	}
}

// readCases reads the cases of a directory and gives their files' names too.
func readCases(t *testing.T, dir string) ([]string, []*testCase) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.case")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no cases: %v", dir, err)
	}
	cases := make([]*testCase, len(files))
	for i, name := range files {
		cases[i] = readCase(t, name)
	}
	return files, cases
}

// eachInstruction calls do for the instructions of the code in order.
func (c *testCase) eachInstruction(do func(addr uint64, i Inst)) {
	for off := 0; off+2 <= len(c.code); {
		raw := uint32(c.code[off]) | uint32(c.code[off+1])<<8
		if raw&3 == 3 && off+4 <= len(c.code) {
			raw |= uint32(c.code[off+2])<<16 | uint32(c.code[off+3])<<24
		}
		i := Decode(raw, ISAAll)
		do(c.entry+uint64(off), i)
		off += int(i.Size)
	}
}

func (c *testCase) instructions() (n int) {
	c.eachInstruction(func(uint64, Inst) { n++ })
	return n
}

// report shows a case that differs, and keeps it as a file.
func report(t *testing.T, name string, c *testCase, ours result, list []string) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "mstatus %#x satp %#x medeleg %#x mideleg %#x mie %#x mip %#x pmpcfg %#x\n",
		c.mstatus, c.satp, c.medeleg, c.mideleg, c.mie, c.mip, c.pmpcfg)
	for _, k := range c.pokes {
		fmt.Fprintf(&text, "%#x = %#x\n", k.addr, k.value)
	}
	c.eachInstruction(func(addr uint64, i Inst) { fmt.Fprintf(&text, "%x: %08x %s\n", addr, i.Raw, i.Print(addr, nil)) })
	for _, r := range ours.traps() {
		fmt.Fprintf(&text, "trap %x\n", r)
	}
	file := filepath.Join(os.TempDir(), name+".case")
	writeCase(t, file, c, strings.Join(list, "\n"))
	t.Errorf("%s: differs in\n\t%s\n%sthe case is in %s: once it is explained, testdata/cases is the place for it",
		name, strings.Join(list, "\n\t"), text.String(), file)
}

// writeCase writes a case as text: lines of comment, lines of its bytes.
func writeCase(t *testing.T, file string, c *testCase, comment string) {
	t.Helper()
	text := "# " + strings.ReplaceAll(strings.TrimSpace(comment), "\n", "\n# ") + "\n"
	p := c.encode()
	for begin := 0; begin < caseCode+len(c.code); begin += 32 {
		text += hex.EncodeToString(p[begin:begin+32]) + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readCase(t *testing.T, file string) *testCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var digits string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			digits += strings.TrimSpace(line)
		}
	}
	p, err := hex.DecodeString(digits)
	if err != nil || len(p) > caseSize {
		t.Fatalf("%s is no case: %v", file, err)
	}
	return decodeCase(append(p, make([]byte, caseSize-len(p))...))
}
