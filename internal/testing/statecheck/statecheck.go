package statecheck

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"reprise/vm/state"
)

// sampled is the number of elements above which only some of an array are
// changed.
const sampled = 64

// Check changes the fields of c one at a time, and reports those whose change
// does not show in [state.Save], or that [state.Load] does not bring back. c
// is a pointer to a struct, and is left as it was if nothing is reported; else
// the test ends.
//
// Structs, arrays, slices and what pointers point to are followed down to
// their elements, of long arrays to some; empty slices are given an element,
// and nil pointers something to point to. Fields tagged `state:"-"` are
// excluded, and so are the paths in except, such as "csr.cache" or "x[0]", with
// all below them.
//
// A scalar gets two other values, one with its lowest and one with its highest
// bit changed; Load may refuse the latter.
func Check(t testing.TB, c state.Component, except ...string) {
	t.Helper()
	all := faults(c, except)
	for _, fault := range all {
		t.Errorf("%T: %s", c, fault)
	}
	if len(all) > 0 {
		t.FailNow()
	}
}

// checker is the walk through one component.
type checker struct {
	component state.Component
	base      []byte // its encoding, unchanged
	except    []string
	faults    []string
	stopped   bool // the component cannot be brought back, so the rest would tell nothing
}

// faults returns what Check reports, in the order of the fields.
func faults(c state.Component, except []string) []string {
	v := reflect.ValueOf(c)
	if v.Kind() == reflect.Struct && len(state.Save(nil, c)) == 0 {
		return nil // a value, which cannot change, and says so
	}
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return []string{"is not a pointer to a struct"}
	}
	k := &checker{component: c, base: state.Save(nil, c), except: except}
	k.walk("", v.Elem)
	return k.faults
}

func (k *checker) fault(format string, args ...any) {
	k.faults = append(k.faults, fmt.Sprintf(format, args...))
}

// walk changes everything below the value at path. The value is looked up
// again for each use, since loading may put others in the place of pointers
// and slices.
func (k *checker) walk(path string, at func() reflect.Value) {
	if k.stopped || slices.Contains(k.except, path) {
		return
	}
	v := at()
	switch kind := v.Kind(); {
	case kind == reflect.Struct:
		k.walkFields(path, at)
	case kind == reflect.Array:
		k.walkElements(path, at)
	case kind == reflect.Slice:
		if v.Len() == 0 {
			k.try(path, at, reflect.MakeSlice(v.Type(), 1, 1))
			return
		}
		k.walkElements(path, at)
	case kind == reflect.Pointer:
		if v.IsNil() {
			k.try(path, at, reflect.New(v.Type().Elem()))
			return
		}
		k.walk(path, func() reflect.Value { return at().Elem() })
	default:
		changed := changes(v)
		if changed == nil {
			k.fault("field %s is a %s, which has no encoding: tag it `state:\"-\"` if it is not state", path, kind)
			return
		}
		k.try(path, at, changed...)
	}
}

// walkFields walks a struct.
func (k *checker) walkFields(path string, at func() reflect.Value) {
	typ := at().Type()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Tag.Get("state") == "-" || field.Name == "_" {
			continue
		}
		name := field.Name
		if path != "" {
			name = path + "." + name
		}
		k.walk(name, func() reflect.Value { return open(at().Field(i)) })
	}
}

// walkElements walks an array or slice, or some elements of a long one: the
// ends, and others at distances that are no power of two.
func (k *checker) walkElements(path string, at func() reflect.Value) {
	length := at().Len()
	stride := 1
	if length > sampled {
		stride = length/sampled | 1
	}
	for i := 0; i < length; i++ {
		if i%stride == 0 || i == length-1 {
			k.walk(fmt.Sprintf("%s[%d]", path, i), func() reflect.Value { return at().Index(i) })
		}
	}
}

// try gives the value at path other contents. Each has to change the encoding,
// and one at least has to come back when it is loaded.
func (k *checker) try(path string, at func() reflect.Value, contents ...reflect.Value) {
	var refused error
	for i, content := range contents {
		old := reflect.New(content.Type()).Elem()
		old.Set(at())
		at().Set(content)
		encoded := state.Save(nil, k.component)
		at().Set(old)
		if bytes.Equal(encoded, k.base) {
			k.fault("field %s is not visited: changing it from %s to %s does not change the encoding", path, show(old), show(content))
			return
		}
		err := k.compareLoaded(path, at, encoded, content)
		if i == 0 || err == nil {
			refused = err
		}
		_, err = state.Load(k.base, k.component, state.Schema)
		if err != nil || !bytes.Equal(state.Save(nil, k.component), k.base) {
			k.fault("field %s: loading the unchanged state does not undo the change to %s (error: %v)", path, show(content), err)
			k.stopped = true
			return
		}
	}
	if refused != nil {
		k.fault("field %s: Load accepts no changed value: %v", path, refused)
	}
}

// compareLoaded loads an encoding and reports if the value at path is not the
// one that was saved. It returns Load's error.
func (k *checker) compareLoaded(path string, at func() reflect.Value, encoded []byte, saved reflect.Value) error {
	rest, err := state.Load(encoded, k.component, state.Schema)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		k.fault("field %s: Load leaves %d bytes of what Save wrote", path, len(rest))
	}
	if !reflect.DeepEqual(at().Interface(), saved.Interface()) {
		k.fault("field %s is not loaded: it is %s where %s was saved", path, show(at()), show(saved))
	}
	return nil
}

// changes returns other values for a scalar: the lowest and the highest bit
// inverted, so that an encoding that is too short is found. It returns nil for
// kinds that are no scalars.
func changes(v reflect.Value) []reflect.Value {
	low, high := reflect.New(v.Type()).Elem(), reflect.New(v.Type()).Elem()
	var top uint
	switch {
	case v.Kind() == reflect.Bool:
		low.SetBool(!v.Bool())
		return []reflect.Value{low}
	case v.Kind() == reflect.String:
		low.SetString(v.String() + "x")
		return []reflect.Value{low}
	case v.CanUint():
		top = uint(v.Type().Bits() - 1)
		low.SetUint(v.Uint() ^ 1)
		high.SetUint(v.Uint() ^ 1<<top)
	case v.CanInt():
		top = uint(v.Type().Bits() - 1)
		low.SetInt(v.Int() ^ 1)
		high.SetInt(v.Int() ^ -1<<top)
	default:
		return nil
	}
	return []reflect.Value{low, high}
}

// open returns a field so that it can be read and set though it is not
// exported.
func open(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}

// show prints a value in a few characters.
func show(v reflect.Value) string {
	text := fmt.Sprintf("%v", v.Interface())
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return text
}
