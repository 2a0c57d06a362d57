package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// errSilent is the error of a request that is not answered in time.
var errSilent = errors.New("no answer")

// client is one end of gdb's remote protocol, in the little that is needed here.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

// dialGDB connects to a stub that is about to listen.
func dialGDB(address string) (*client, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return &client{conn, bufio.NewReader(conn)}, nil
		}
		if time.Now().After(deadline) {
			return nil, err
		}
	}
}

func (c *client) close() { _ = c.conn.Close() } // nothing is under way

// ask sends a packet and returns the answer to it.
func (c *client) ask(packet string, timeout time.Duration) (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	sum := byte(0)
	for i := range len(packet) {
		sum += packet[i]
	}
	if _, err := fmt.Fprintf(c.conn, "$%s#%02x", packet, sum); err != nil {
		return "", err
	}
	answer, err := c.answer()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", fmt.Errorf("%s: %w", packet, errSilent)
	}
	return answer, err
}

// answer reads a packet and acknowledges it.
func (c *client) answer() (string, error) {
	if _, err := c.in.ReadString('$'); err != nil {
		return "", err
	}
	text, err := c.in.ReadString('#')
	if err != nil {
		return "", err
	}
	if _, err := c.in.Discard(2); err != nil {
		return "", err
	}
	_, err = c.conn.Write([]byte{'+'})
	return strings.TrimSuffix(text, "#"), err
}

// monitor lets the stub's monitor carry out a command. What it prints first is
// read over.
func (c *client) monitor(line string, timeout time.Duration) error {
	answer, err := c.ask("qRcmd,"+hex.EncodeToString([]byte(line)), timeout)
	for err == nil && strings.HasPrefix(answer, "O") && answer != "OK" {
		answer, err = c.answer()
	}
	if err == nil && answer != "OK" {
		err = fmt.Errorf("monitor %s: %q", line, answer)
	}
	return err
}
