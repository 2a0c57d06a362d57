package chardev

import "golang.org/x/sys/windows"

// modes are the input modes of a console.
type modes = uint32

func getModes(fd int) (*modes, error) {
	var m modes
	if err := windows.GetConsoleMode(windows.Handle(fd), &m); err != nil {
		return nil, err
	}
	return &m, nil
}

func setModes(fd int, m modes) error { return windows.SetConsoleMode(windows.Handle(fd), m) }

// rawModes are the modes m without lines and echo, and with keys as a terminal
// sends them.
func rawModes(m modes, signal bool) modes {
	m &^= windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT
	m |= windows.ENABLE_VIRTUAL_TERMINAL_INPUT
	if signal {
		m |= windows.ENABLE_PROCESSED_INPUT
	}
	return m
}

// inBackground is false: a console has no process groups.
func inBackground(int) bool { return false }

// watchSignals does nothing: there is neither SIGCONT nor SIGPIPE.
func watchSignals(func()) (stop func()) { return func() {} }
