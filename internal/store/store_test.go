package store

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// recordings makes empty files and returns their paths.
func recordings(t *testing.T, names ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func use(t *testing.T, s *Store, paths ...string) {
	t.Helper()
	for i, path := range paths {
		if err := s.Use(path, time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
	}
}

func expect(t *testing.T, s *Store, want ...string) {
	t.Helper()
	list, err := s.Recent()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, r.Path)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the list is %v, want %v", got, want)
	}
}

func TestLastUsedComesFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := In(dir)
	expect(t, s)
	p := recordings(t, "a", "b", "c")
	use(t, s, p[0], p[1], p[2], p[0])
	expect(t, s, p[0], p[2], p[1])
	expect(t, In(dir), p[0], p[2], p[1])

	if err := s.Forget(p[2]); err != nil {
		t.Fatal(err)
	}
	expect(t, s, p[0], p[1])
}

func TestFilesThatAreGoneAreLeftOut(t *testing.T) {
	s := In(t.TempDir())
	p := recordings(t, "a", "b")
	use(t, s, p...)
	if err := os.Remove(p[1]); err != nil {
		t.Fatal(err)
	}
	expect(t, s, p[0])
}

func TestRelativePathsAreMadeAbsolute(t *testing.T) {
	s := In(t.TempDir())
	p := recordings(t, "a")
	t.Chdir(filepath.Dir(p[0]))
	use(t, s, "a", "./a")
	expect(t, s, p[0])
}

func TestTheListIsBounded(t *testing.T) {
	s := In(t.TempDir())
	var names []string
	for i := range Limit + 5 {
		names = append(names, fmt.Sprint(i))
	}
	use(t, s, recordings(t, names...)...)
	if list, err := s.Recent(); err != nil || len(list) != Limit || filepath.Base(list[0].Path) != names[len(names)-1] {
		t.Errorf("%d remembered, %v, want %d with the last one first", len(list), err, Limit)
	}
}

func TestDamagedFileCountsAsEmpty(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"version":2,"recent":[{"path":"/x"}]}`, `{"version":1,"recent":[{"path":"x"}]}`} {
		s := In(t.TempDir())
		if err := os.WriteFile(s.path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		expect(t, s)
		p := recordings(t, "a")
		use(t, s, p[0])
		expect(t, s, p[0])
	}
}

func TestSeveralAtOnceLeaveAReadableFile(t *testing.T) {
	dir := t.TempDir()
	p := recordings(t, "a", "b", "c", "d")
	var group sync.WaitGroup
	for _, path := range p {
		group.Go(func() {
			for range 10 {
				if err := In(dir).Use(path, time.Unix(0, 0)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	list, err := In(dir).Recent()
	if err != nil || len(list) == 0 {
		t.Errorf("the list is %v, %v", list, err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestAnErrorNamesTheFile(t *testing.T) {
	blocked := recordings(t, "file")[0]
	if err := In(filepath.Join(blocked, "sub")).Use("x", time.Unix(0, 0)); err == nil {
		t.Error("writing below a file worked")
	}
}
