package cli

import (
	"sync"

	"reprise/internal/debuginfo"
	"reprise/replay/recording"
)

// debug is the debugging information of a machine's programs beside their
// symbols: that of the programs among the images, and of the ELF files that
// --symbols names, unless they were loaded elsewhere than they were linked for.
// It is read when it is first asked for, since it can be large.
func (f symbolFiles) debug(images []recording.Image, blob func(recording.Hash) ([]byte, error)) func() *debuginfo.Info {
	return sync.OnceValue(func() *debuginfo.Info {
		var list []*debuginfo.Info
		add := func(name string, data []byte, err error) {
			if err != nil {
				return // loading the symbols has said so
			}
			if info, err := debuginfo.LoadInfo(name, data); err == nil {
				list = append(list, info)
			}
		}
		for _, text := range f {
			if path, _, moved := placed(text); !moved {
				data, err := readImage("symbols", path)
				add(path, data, err)
			}
		}
		for _, image := range images {
			if (image.Role == "bios" || image.Role == "kernel") && !image.Outside {
				data, err := blob(image.SHA256)
				add(image.File, data, err)
			}
		}
		return debuginfo.MergeInfo(list...)
	})
}
