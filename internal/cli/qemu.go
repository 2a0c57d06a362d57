package cli

// The reasons why options of qemu are not here.
const (
	noDisks    = "a disk is given as --drive file=FILE,if=none,format=raw,id=ID --device virtio-blk-device,drive=ID"
	noNetwork  = "a network is given as --netdev user,id=ID --device virtio-net-device,netdev=ID"
	noDevices  = "the board's devices are fixed"
	noDisplay  = "the machine has no display"
	noSound    = "the machine has no sound"
	noUSB      = "the machine has no USB"
	noMigrate  = "a recording takes the place of saved states and migration"
	noMonitor  = "the monitor's commands are on : in the interface and on gdb's monitor"
	noTracing  = "reprise dump and reprise trace list what happened, and a replay shows the rest"
	noEngines  = "there is one engine, and icount is always on"
	noHostTune = "it would change the host's side only, which needs no tuning here"
	noSandbox  = "reprise starts no other program, and listens on loopback only unless told otherwise"
	noConfig   = "give the options themselves"
)

// qemuOption is an option of qemu-system-riscv64 that we lack.
type qemuOption struct {
	name   string
	reason string
}

// qemuLacked lists the options of qemu-system-riscv64 7.2 that we lack. Those
// that we have are the flags of run and record.
var qemuLacked = []qemuOption{
	{"accel", noEngines},
	{"enable-kvm", noEngines},
	{"singlestep", noEngines},
	{"tb-size", noEngines},
	{"set", noDevices},
	{"object", noDevices},
	{"numa", noDevices},
	{"fw_cfg", noDevices},
	{"option-rom", noDevices},
	{"tpmdev", noDevices},
	{"parallel", noDevices},
	{"debugcon", noDevices},
	{"nodefaults", noDevices},
	{"smbios", noDevices},
	{"acpitable", noDevices},
	{"boot", "firmware decides what is booted, and it is not told"},
	{"fda", noDisks},
	{"fdb", noDisks},
	{"hda", noDisks},
	{"hdb", noDisks},
	{"hdc", noDisks},
	{"hdd", noDisks},
	{"cdrom", noDisks},
	{"blockdev", noDisks},
	{"mtdblock", noDisks},
	{"sd", noDisks},
	{"snapshot", noDisks},
	{"fsdev", noDisks},
	{"virtfs", noDisks},
	{"iscsi", noDisks},
	{"pflash", "the flash is empty and cannot be filled yet"},
	{"nic", noNetwork},
	{"net", noNetwork},
	{"usb", noUSB},
	{"usbdevice", noUSB},
	{"spice", noDisplay},
	{"portrait", noDisplay},
	{"rotate", noDisplay},
	{"vga", noDisplay},
	{"full-screen", noDisplay},
	{"vnc", noDisplay},
	{"g", noDisplay},
	{"k", noDisplay},
	{"sdl", noDisplay},
	{"curses", noDisplay},
	{"audio", noSound},
	{"audiodev", noSound},
	{"audio-help", noSound},
	{"soundhw", noSound},
	{"qmp", noMonitor},
	{"qmp-pretty", noMonitor},
	{"preconfig", noMonitor},
	{"echr", noMonitor},
	{"dfilter", noTracing},
	{"trace", noTracing},
	{"plugin", noTracing},
	{"enable-sync-profile", noTracing},
	{"loadvm", noMigrate},
	{"incoming", noMigrate},
	{"only-migratable", noMigrate},
	{"dump-vmstate", noMigrate},
	{"mem-path", noHostTune},
	{"mem-prealloc", noHostTune},
	{"overcommit", noHostTune},
	{"daemonize", noHostTune},
	{"pidfile", noHostTune},
	{"add-fd", noHostTune},
	{"msg", noHostTune},
	{"compat", noHostTune},
	{"async-teardown", noHostTune},
	{"L", "files are named in full, and REPRISE_FIRMWARE is the folder of --bios default"},
	{"chroot", noSandbox},
	{"runas", noSandbox},
	{"sandbox", noSandbox},
	{"readconfig", noConfig},
	{"no-user-config", noConfig},
	{"nodefconfig", noConfig},
	{"name", "a recording is called as its file, see -o"},
	{"uuid", "the board has nothing to show it to the guest"},
	{"rtc", "the guest's clock is the host's, and recorded"},
	{"action", "for reboot=shutdown there is --no-reboot"},
	{"no-shutdown", "in the interface a machine that was switched off can be looked at anyway"},
	{"watchdog", noDevices},
	{"watchdog-action", noDevices},
	{"version", "the version is printed by: reprise version"},
}

// lackedOption finds an option that qemu has and we lack.
func lackedOption(name string) (qemuOption, bool) {
	for _, o := range qemuLacked {
		if o.name == name {
			return o, true
		}
	}
	return qemuOption{}, false
}
