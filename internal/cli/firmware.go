package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// firmwarePlaces are where Debian and qemu put OpenSBI for this board. The one
// that is told by its loader where the next stage is comes first, as qemu's
// default does.
var firmwarePlaces = []string{
	"/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
	"/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin",
	"/usr/local/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin",
	"/opt/homebrew/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin",
}

// defaultFirmware finds the file that --bios default stands for. The variable
// REPRISE_FIRMWARE names a folder that is searched first.
func defaultFirmware() (string, error) {
	places := firmwarePlaces
	if dir := os.Getenv("REPRISE_FIRMWARE"); dir != "" {
		places = []string{filepath.Join(dir, "fw_dynamic.bin"), filepath.Join(dir, "opensbi-riscv64-generic-fw_dynamic.bin")}
	}
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", usagef("--bios default: OpenSBI is not installed: install the Debian package opensbi, or give --bios FILE or --bios none")
}
