package chardev

import (
	"errors"
	"os"
)

// absent is the backend of a kind that this system does not have.
func absent(kind Kind) *device {
	return &device{name: string(kind), dial: func() (in, out *os.File, err error) {
		return nil, nil, errors.New("there is no " + string(kind) + " backend on Windows: use tcp:HOST:PORT")
	}}
}

func newPipe(Spec) Backend   { return absent(Pipe) }
func newSerial(Spec) Backend { return serial{absent(Serial)} }
func newPty() Backend        { return absent(Pty) }
