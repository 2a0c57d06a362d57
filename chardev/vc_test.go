package chardev

import (
	"bytes"
	"errors"
	"testing"
)

func TestVCTypes(t *testing.T) {
	sink := newRecorder()
	v := NewVC(nil)
	if n := v.Type([]byte("early ")); n != 6 || v.Pending() != 6 {
		t.Errorf("Type took %d, %d pending; want 6 and 6", n, v.Pending())
	}
	if err := v.Start(sink); err != nil {
		t.Fatal(err)
	}
	v.Type([]byte("late"))
	sink.waitInput(t, "early late")
	paste := bytes.Repeat([]byte("0123456789abcdef"), 64<<10/16)
	if n := v.Type(paste); n != len(paste) {
		t.Errorf("Type took %d of a paste of %d bytes", n, len(paste))
	}
	sink.waitInput(t, "early late"+string(paste))
	mustClose(t, v)
	mustClose(t, v)
	if n := v.Type([]byte("x")); n != 0 {
		t.Errorf("a closed vc took %d bytes", n)
	}
	if err := NewVC(nil).Close(); err != nil {
		t.Error(err)
	}
}

func TestVCHoldsTypedBytesForBusyGuest(t *testing.T) {
	sink := newRecorder()
	sink.gate = make(chan struct{})
	v := NewVC(nil)
	if err := v.Start(sink); err != nil {
		t.Fatal(err)
	}
	if n := v.Type(make([]byte, typeAhead+100)); n != typeAhead {
		t.Errorf("Type took %d bytes, want %d", n, typeAhead)
	}
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	if n := v.Type([]byte("x")); n != 0 || v.Pending() != typeAhead {
		t.Errorf("Type took %d bytes with %d pending; want 0 of a full vc", n, v.Pending())
	}
	close(sink.gate)
	sink.wait(t, "everything typed", func() bool { return len(sink.input) == typeAhead })
	mustClose(t, v)
}

func TestVCCloseWhileGuestIsBusy(t *testing.T) {
	sink := newRecorder()
	sink.gate = make(chan struct{})
	v := NewVC(nil)
	if err := v.Start(sink); err != nil {
		t.Fatal(err)
	}
	v.Type(make([]byte, 3*inputChunk))
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	mustClose(t, v)
	close(sink.gate)
	if v.Pending() != 0 {
		t.Errorf("%d bytes pending after Close", v.Pending())
	}
	if err := v.Start(sink); !errors.Is(err, ErrClosed) {
		t.Errorf("Start after Close: %v", err)
	}
}

func TestVCOutput(t *testing.T) {
	var got []byte
	b, err := New(Spec{Kind: VirtualConsole}, Options{Output: func(p []byte) { got = append(got, p...) }})
	if err != nil {
		t.Fatal(err)
	}
	if n := b.Write([]byte("hello")); n != 5 || string(got) != "hello" {
		t.Errorf("Write took %d, the function got %q", n, got)
	}
	if _, ok := b.(*VC); !ok {
		t.Errorf("New made a %T, want a *VC", b)
	}
}
