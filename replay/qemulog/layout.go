package qemulog

import "slices"

// Version is the version of a log's format.
type Version uint32

// The versions that are known.
const (
	Seed    Version = 0xe02003 // the first with character devices
	Release Version = 0xe0200c // since QEMU 7.1
)

// layout is what the bytes of a version mean.
type layout struct {
	version Version
	codes   []code
	async   []Kind // Seed: the kinds behind the one code for all of them
	audio   int    // bytes of a number in the audio events
}

// code is what one byte at the start of an event means.
type code struct {
	kind  Kind
	cause uint8 // of a shutdown
}

// asyncSeed stands for the one code that all asynchronous events of Seed have.
const asyncSeed = AsyncBH

var seedLayout = layout{
	version: Seed,
	codes: kinds(
		Instruction, Interrupt, Exception, asyncSeed, Shutdown, CharWrite, CharReadAll, CharReadAllError,
		ClockHost, ClockVirtualRT, CheckpointClockWarpStart, CheckpointResetRequested, CheckpointSuspendRequested,
		CheckpointClockVirtual, CheckpointClockHost, CheckpointClockVirtualRT, CheckpointInit, CheckpointReset, End,
	),
	async: []Kind{AsyncBH, AsyncInput, AsyncInputSync, AsyncCharRead},
}

// releaseLayouts are those that Release may have: the number of causes of a
// shutdown grew from release to release, and the numbers of audio events became
// wider, while the version stayed.
var releaseLayouts = []layout{
	releaseLayout(12, 4), releaseLayout(11, 4), releaseLayout(13, 4),
	releaseLayout(12, 8), releaseLayout(13, 8), releaseLayout(14, 8),
}

func releaseLayout(causes, audio int) layout {
	list := kinds(Instruction, Interrupt, Exception)
	list = append(list, kinds(AsyncBH, AsyncBHOneshot, AsyncInput, AsyncInputSync, AsyncCharRead, AsyncBlock, AsyncNet)...)
	for i := range causes {
		list = append(list, code{Shutdown, uint8(i)})
	}
	for k := CharWrite; k <= End; k++ {
		list = append(list, code{kind: k})
	}
	return layout{version: Release, codes: list, audio: audio}
}

func kinds(list ...Kind) []code {
	codes := make([]code, len(list))
	for i, k := range list {
		codes[i].kind = k
	}
	return codes
}

// layouts are the candidates for a version; none if it is not known.
func layouts(v Version) []layout {
	switch v {
	case Seed:
		return []layout{seedLayout}
	case Release:
		return releaseLayouts
	}
	return nil
}

// asyncCode is the number of an asynchronous kind in Seed.
func (l *layout) asyncCode(k Kind) int { return slices.Index(l.async, k) }

// code is the byte that an event begins with; -1 if the layout has none for it.
func (l *layout) code(k Kind, cause uint8) int {
	if l.asyncCode(k) >= 0 {
		k = asyncSeed
	}
	return slices.Index(l.codes, code{k, cause})
}
