package softfloat

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestNoHostFloat reads the package's own source: no floating-point type,
// literal or math function may occur in it.
func TestNoHostFloat(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		read++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			if imp.Path.Value != `"math/bits"` {
				t.Errorf("%s imports %s", f.Name(), imp.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if strings.HasPrefix(n.Name, "float") || strings.HasPrefix(n.Name, "complex") {
					t.Errorf("%s: %s", fset.Position(n.Pos()), n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					t.Errorf("%s: literal %s", fset.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
	}
	if read == 0 {
		t.Fatal("no source file found")
	}
}

func TestNoAllocations(t *testing.T) {
	const a, b, c = 0x3ff123456789abcd, 0xbff00000000fffff, 0x0000000000000123
	for _, op := range operations {
		for _, l := range layouts {
			v := [3]uint64{a >> (64 - l.width), b >> (64 - l.width), c}
			if n := testing.AllocsPerRun(10, func() { op.run(l, v, RNE) }); n != 0 {
				t.Errorf("%s %s allocates %v times", l.name, op.name, n)
			}
		}
	}
	for _, conv := range toInts {
		if n := testing.AllocsPerRun(10, func() { conv.run(double, a, RNE) }); n != 0 {
			t.Errorf("F64To%s allocates %v times", conv.name, n)
		}
	}
}

// sink keeps benchmarked results alive.
var sink uint64

func BenchmarkArithmetic(b *testing.B) {
	for _, op := range operations {
		for _, l := range layouts {
			b.Run(op.name+"/"+l.name, func(b *testing.B) {
				s := newSource()
				var v [256][3]uint64
				one := uint64(-l.emin+1) << (l.precision - 1)
				for i := range v {
					for j := range v[i] { // normal numbers between 1 and 4
						v[i][j] = one + s.Uint64()&(1<<l.precision-1)
					}
				}
				b.ResetTimer()
				for i := range b.N {
					r, _ := op.run(l, v[i%256], RNE)
					sink += r
				}
			})
		}
	}
}
