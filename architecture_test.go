package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport lists, for each package, what it may import of ours: the
// architecture of docs/architecture.md. Imports point downwards. A package that
// is not here, and an import that is not, is a decision to be made in this table.
var mayImport = map[string][]string{
	"": {"internal/cli"},

	"ui": {
		"internal/debuginfo", "internal/export", "internal/expr", "internal/monitor", "internal/store", "internal/term", "internal/unasked", "internal/unwind",
		"replay", "replay/recording", "vm", "vm/riscv", "vm/state",
	},
	"gdbstub": {"internal/guard", "vm/state"},

	"replay":           {"chardev", "internal/guard", "replay/recording", "vm", "vm/boot", "vm/riscv", "vm/state"},
	"replay/recording": {"internal/guard", "vm/state"},
	"replay/qemulog":   {"vm/state"},

	"vm":                 {"vm/boot", "vm/device", "vm/riscv", "vm/state"},
	"vm/boot":            {},
	"vm/device":          {"vm/state"},
	"vm/riscv":           {"vm/riscv/softfloat", "vm/state"},
	"vm/riscv/softfloat": {},
	"vm/state":           {},

	"internal/cli": {
		"assets", "chardev", "gdbstub", "replay", "replay/qemulog", "replay/recording", "ui", "vm", "vm/boot", "vm/riscv", "vm/state",
		"internal/debuginfo", "internal/disk", "internal/export", "internal/guard", "internal/monitor", "internal/netdev", "internal/store", "internal/term",
	},
	"internal/monitor": {"internal/debuginfo", "internal/expr", "internal/guard", "internal/unwind", "replay", "replay/recording", "vm", "vm/riscv", "vm/state"},
	"internal/unwind":  {"internal/debuginfo", "vm/riscv"},

	"assets":             {},
	"chardev":            {"internal/guard"},
	"internal/debuginfo": {},
	"internal/expr":      {"internal/debuginfo"},
	"internal/disk":      {},
	"internal/guard":     {},
	"internal/netdev":    {"internal/guard"},
	"internal/store":     {},
	"internal/export":    {"internal/term", "replay/recording"},
	"internal/term":      {},
	"internal/unasked":   {},
}

// onlyIn names libraries, by the beginning of their paths, that belong to one
// package.
var onlyIn = map[string]string{
	"github.com/charmbracelet/bubbletea": "ui",
	"github.com/charmbracelet/lipgloss":  "ui",
	"github.com/charmbracelet/bubbles":   "ui",
	"github.com/pelletier/go-toml":       "internal/store",
}

const (
	module      = "reprise"
	testHelpers = "internal/testing/" // helpers of tests: they import what they like, and only tests import them
	scripts     = "scripts/"          // programs that make something of the project
)

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Dir        string
	Export     string
	GoFiles    []string
	Imports    []string
}

// name is the package's path inside the module.
func (p listed) name() string { return inModule(p.ImportPath) }

// inModule is the path inside the module of a package of ours.
func inModule(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// isOurs reports whether a package belongs to the module.
func isOurs(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// list runs go list for an operating system.
func list(t *testing.T, system string, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Export,GoFiles,Imports"}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// TestImports compares the imports of every package with the table, on each
// system that there are binaries for.
func TestImports(t *testing.T) {
	complaints := map[string]bool{}
	seen := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, p := range list(t, system, "./...") {
			seen[p.name()] = true
			for _, complaint := range badImports(p) {
				complaints[complaint] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mayImport)) {
		if !seen[name] {
			complaints[fmt.Sprintf("the table has a package %q that does not exist", name)] = true
		}
	}
	for _, complaint := range slices.Sorted(maps.Keys(complaints)) {
		t.Error(complaint)
	}
}

// badImports lists what is wrong with the imports of a package.
func badImports(p listed) (complaints []string) {
	name := p.name()
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	helper := strings.HasPrefix(name, testHelpers)
	free := helper || strings.HasPrefix(name, scripts)
	allowed, known := mayImport[name]
	if !known && !free {
		complain("the package %q is not in the table", name)
	}
	for _, path := range p.Imports {
		for library, owner := range onlyIn {
			if strings.HasPrefix(path, library) && name != owner && !free {
				complain("%s imports %s, which belongs to %s", name, path, owner)
			}
		}
		switch imported := inModule(path); {
		case path == "C":
			complain("%s uses cgo", name)
		case !isOurs(path):
		case strings.HasPrefix(imported, testHelpers) && !free:
			complain("%s imports %s, which is for tests", name, imported)
		case !free && !slices.Contains(allowed, imported):
			complain("%s imports %s: imports point downwards, along the table", name, imported)
		}
	}
	if impure := impureImports(p); strings.HasPrefix(name+"/", "vm/") && len(impure) > 0 {
		complain("%s imports %s: the machine is pure", name, strings.Join(impure, ", "))
	}
	return complaints
}

// impureImports lists the imports through which a machine could learn of, or
// reach, anything outside it, or that have no fixed order.
func impureImports(p listed) []string {
	var bad []string
	for _, path := range p.Imports {
		root, _, _ := strings.Cut(path, "/")
		switch {
		case path == "sync/atomic":
		case slices.Contains([]string{"os", "net", "sync", "syscall", "runtime", "plugin", "log"}, root),
			slices.Contains([]string{"time", "context", "maps", "math/rand", "math/rand/v2", "crypto/rand", "hash/maphash"}, path):
			bad = append(bad, path)
		}
	}
	return bad
}

// TestGoroutinesAreGuarded reads the source of all packages: every goroutine is
// started by package guard, or runs what guard.Func has made, so that a bug on it
// closes the recording and restores the terminal.
func TestGoroutinesAreGuarded(t *testing.T) {
	seen := 0
	for _, system := range []string{"linux", "windows"} {
		for _, p := range list(t, system, "./...") {
			if strings.HasPrefix(p.name(), testHelpers) || strings.HasPrefix(p.name(), scripts) || p.name() == "internal/guard" {
				continue
			}
			for _, name := range p.GoFiles {
				fset := token.NewFileSet()
				file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				ast.Inspect(file, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.GoStmt:
						t.Errorf("%s: a goroutine that is not guarded: use guard.Go", fset.Position(n.Pos()))
					case *ast.CallExpr:
						if !isCall(n, "", "Go") {
							break
						}
						seen++
						made, ok := n.Args[0].(*ast.CallExpr)
						if !isCall(n, "guard", "Go") && (!ok || !isCall(made, "guard", "Func")) {
							t.Errorf("%s: a goroutine that is not guarded: use guard.Func", fset.Position(n.Pos()))
						}
					}
					return true
				})
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d goroutines were found", seen)
	}
}

// isCall reports whether a call is of a method or function of that name, of a
// package or variable unless that is empty.
func isCall(call *ast.CallExpr, of, name string) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != name || len(call.Args) != 1 {
		return false
	}
	x, ok := f.X.(*ast.Ident)
	return of == "" || ok && x.Name == of
}

// orderFree names the functions of the machine that range over a map and give
// the same whatever its order, with the reason.
var orderFree = map[string]string{
	"vm.NewDiskState":              "fills another map",
	"vm/riscv.indexCSRs":           "fills another map",
	"vm/riscv.dropBlocks":          "marks every block",
	"vm/riscv.dropAllTranslations": "clears a flag of every page",
}

// TestMachineIsPure reads the source of the machine: it starts no goroutine,
// uses no channel, and ranges over no map where order could matter.
func TestMachineIsPure(t *testing.T) {
	exports := map[string]string{}
	var machine []listed
	for _, p := range list(t, "linux", "-export", "-deps", "./vm/...") {
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.name()+"/", "vm/") && isOurs(p.ImportPath) {
			machine = append(machine, p)
		}
	}
	if len(machine) < 6 {
		t.Fatalf("go list found %d packages of the machine", len(machine))
	}
	for _, p := range machine {
		fset := token.NewFileSet()
		imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
		for _, complaint := range impureCode(t, fset, p, imports) {
			t.Error(complaint)
		}
	}
}

// impureCode lists what in a package does not belong in the machine.
func impureCode(t *testing.T, fset *token.FileSet, p listed, imports types.Importer) (complaints []string) {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: imports, Sizes: types.SizesFor("gc", "amd64")}
	if _, err := config.Check(p.ImportPath, fset, files, info); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if ok && orderFree[p.name()+"."+function.Name.Name] != "" {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				what := ""
				switch n := n.(type) {
				case *ast.GoStmt:
					what = "starts a goroutine"
				case *ast.ChanType:
					what = "uses a channel"
				case *ast.RangeStmt:
					if _, isMap := info.TypeOf(n.X).Underlying().(*types.Map); isMap {
						what = "ranges over a map"
					}
				}
				if what != "" {
					complaints = append(complaints, fmt.Sprintf("%s: the machine %s", fset.Position(n.Pos()), what))
				}
				return true
			})
		}
	}
	return complaints
}
