package device

import (
	"errors"
	"slices"
	"testing"

	"reprise/internal/testing/statecheck"
	"reprise/vm/state"
)

// program writes a word of flash.
func program(t *testing.T, f *Flash, off, value uint64) {
	t.Helper()
	put(t, f, off, flashProgram, 4)
	put(t, f, off, value, 4)
	put(t, f, off, flashCancel, 4)
}

func TestFlashVisitsItsState(t *testing.T) {
	f := NewFlash()
	statecheck.Check(t, f)
	program(t, f, 5*flashSectorSize, 0x12345678)
	put(t, f, 0, flashBuffer, 4)
	put(t, f, 0x1000, 3, 4)
	put(t, f, 0x1000, 1, 4)
	statecheck.Check(t, f)
}

func TestFlashKeepsOnlyWhatWasWritten(t *testing.T) {
	f := NewFlash()
	blank := state.Save(nil, f)
	if len(blank) > 64 {
		t.Errorf("a blank bank is saved in %d bytes", len(blank))
	}
	for off := uint64(0); off < FlashSize; off += flashSectorSize {
		get(t, f, off, 8)
	}
	if got := state.Save(nil, f); !slices.Equal(got, blank) {
		t.Error("reading changed the state")
	}
	program(t, f, FlashSize-4, 0x12345678)
	written := state.Save(nil, f)
	if len(written) != len(blank)+flashSectorSize {
		t.Errorf("with one sector written it is saved in %d bytes", len(written))
	}
	if _, err := state.Load(blank, f, state.Schema); err != nil {
		t.Fatal(err)
	}
	if got := get(t, f, FlashSize-4, 4); got != 0 {
		t.Errorf("word %#x after a blank bank was loaded", got)
	}
	if _, err := state.Load(written, f, state.Schema); err != nil {
		t.Fatal(err)
	}
	if got := get(t, f, FlashSize-4, 4); got != 0x12345678 {
		t.Errorf("word %#x after the written bank was loaded", got)
	}
}

func TestFlashContentSurvivesReset(t *testing.T) {
	f := NewFlash()
	program(t, f, 0x100, 0x12345678)
	put(t, f, 0, flashBuffer, 4)
	put(t, f, 0, 0, 4)
	put(t, f, 0x100, 0, 4)
	f.Reset()
	if got := get(t, f, 0x100, 4); got != 0x12345678 {
		t.Errorf("word %#x after a reset", got)
	}
	put(t, f, 0x100, flashConfirm, 4) // confirms no buffer any more
	if got := get(t, f, 0x100, 4); got != 0x12345678 {
		t.Errorf("word %#x: a buffer survived the reset", got)
	}
}

func TestFlashBufferKeepsTheRestOfItsBlock(t *testing.T) {
	f := NewFlash()
	program(t, f, 0x1000, 0x11111111)
	program(t, f, 0x1ffc, 0x22222222)
	put(t, f, 0x1800, flashBuffer, 4)
	put(t, f, 0x1800, 0, 4)
	put(t, f, 0x1800, 0x33333333, 4)
	put(t, f, 0x1800, flashConfirm, 4)
	put(t, f, 0, flashCancel, 4)
	for off, want := range map[uint64]uint64{0x1000: 0x11111111, 0x1800: 0x33333333, 0x1ffc: 0x22222222, 0x1804: 0} {
		if got := get(t, f, off, 4); got != want {
			t.Errorf("word at %#x is %#x, want %#x", off, got, want)
		}
	}
}

func TestFlashRefusesForeignState(t *testing.T) {
	f := NewFlash()
	program(t, f, 0, 1)
	put(t, f, 0, flashBuffer, 4)
	put(t, f, 0, 0, 4)
	encoded := state.Save(nil, f)
	for _, n := range []int{0, 1, 4, 100, flashBlockSize + 8, len(encoded) - 1} {
		got := NewFlash()
		if _, err := state.Load(encoded[:n], got, state.Schema); !errors.Is(err, state.ErrCorrupt) {
			t.Errorf("%d of %d bytes: error %v, want ErrCorrupt", n, len(encoded), err)
		}
		for range 8 { // whatever was loaded, it works
			put(t, got, 0, flashConfirm, 4)
			get(t, got, 0, 4)
		}
	}
	block := len(encoded) - flashSectorSize - flashSectors/8 - 4 - 2
	encoded[block+1] = 0xff
	if _, err := state.Load(encoded, NewFlash(), state.Schema); !errors.Is(err, state.ErrCorrupt) {
		t.Errorf("block outside the bank: error %v, want ErrCorrupt", err)
	}
}
