package netdev

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// TestParse reads what is right, and names what is wrong.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"user,id=n0":                                         "user,id=n0",
		"user,id=n0,hostfwd=tcp::2222-:22":                   "user,id=n0,hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22",
		"user,id=n0,hostfwd=tcp:0.0.0.0:80-10.0.2.16:80":     "user,id=n0,hostfwd=tcp:0.0.0.0:80-10.0.2.16:80",
		"socket,id=n0,listen=:1234":                          "socket,id=n0,listen=127.0.0.1:1234",
		"socket,id=n0,connect=other:1234":                    "socket,id=n0,connect=other:1234",
		"socket,id=n0,udp=127.0.0.1:1,localaddr=127.0.0.1:2": "socket,id=n0,udp=127.0.0.1:1,localaddr=127.0.0.1:2",
		"tap,id=n0":                         "there is no network backend",
		"user":                              "it has no id",
		"user,id=n0,hostfwd=udp::1-:2":      "only tcp can be forwarded",
		"user,id=n0,hostfwd=tcp::1":         "it is written tcp:",
		"user,id=n0,hostfwd=tcp::1-:99999":  "a port is a number",
		"user,id=n0,listen=:1":              "option listen is for a socket",
		"user,id=n0,smb=x":                  `option "smb" of user is not here`,
		"socket,id=n0":                      "one of listen, connect and udp",
		"socket,id=n0,listen=:1,connect=:2": "one of listen, connect and udp",
		"socket,id=n0,udp=:1":               "udp and localaddr go together",
		"socket,id=n0,listen=x":             `"x" is not an address`,
		"socket,id=n0,mcast=230.0.0.1:1234": `option "mcast" of socket is not here`,
		"user,id=n0,hostfwd":                "needs a value",
	} {
		spec, err := Parse(text)
		got := spec.String()
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if again, err2 := Parse(got); err == nil && (err2 != nil || again.String() != got) {
			t.Errorf("%s does not read back: %v, %v", got, again, err2)
		}
	}
	for text, want := range map[string]int{
		"user,id=n,hostfwd=tcp:0.0.0.0:1-:2,hostfwd=tcp::1-:2": 1, "socket,id=n,listen=:1": 0, "socket,id=n,udp=a:1,localaddr=0.0.0.0:2": 1,
	} {
		if spec, err := Parse(text); err != nil || len(spec.Exposed()) != want {
			t.Errorf("%s: exposed at %v, error %v", text, spec.Exposed(), err)
		}
	}
}

// card is the address of the guest's card.
var card = net.HardwareAddr{0x52, 0x54, 0, 0x12, 0x34, 0x56}

// start starts a backend and returns the frames that come from it.
func start(t *testing.T, spec string) (Backend, <-chan []byte) {
	t.Helper()
	s, err := Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	b, frames := New(s, card), make(chan []byte, 100)
	if err := b.Start(func(frame []byte) { frames <- bytes.Clone(frame) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return b, frames
}

// freePort is a port that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing is lost
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// TestStream exchanges frames between two of our own over TCP, and with a peer
// that speaks QEMU's protocol by hand.
func TestStream(t *testing.T) {
	port := freePort(t)
	server, toServer := start(t, "socket,id=a,listen=:"+port)
	client, toClient := start(t, "socket,id=b,connect="+loopback+":"+port)
	client.Send([]byte("from the client, a frame"))
	if frame := <-toServer; string(frame) != "from the client, a frame" {
		t.Errorf("%q", frame)
	}
	server.Send([]byte("from the server"))
	if frame := <-toClient; string(frame) != "from the server" {
		t.Errorf("%q", frame)
	}
	conn, err := net.Dial("tcp", loopback+":"+port) // takes the client's place
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // nothing is lost
	if _, err := conn.Write([]byte("\x00\x00\x00\x05hello")); err != nil {
		t.Fatal(err)
	}
	if frame := <-toServer; string(frame) != "hello" {
		t.Errorf("%q", frame)
	}
	server.Send([]byte("bye"))
	reply := make([]byte, 7)
	if _, err := io.ReadFull(conn, reply); err != nil || string(reply) != "\x00\x00\x00\x03bye" {
		t.Errorf("%q, %v", reply, err)
	}
	// What is no frame ends the connection.
	if _, err := conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(reply); err == nil {
		t.Error("a peer that speaks something else stays connected")
	}
}

// TestDatagrams exchanges frames over UDP.
func TestDatagrams(t *testing.T) {
	one, two := freePort(t), freePort(t)
	a, toA := start(t, fmt.Sprintf("socket,id=a,udp=%s:%s,localaddr=:%s", loopback, two, one))
	b, toB := start(t, fmt.Sprintf("socket,id=b,udp=%s:%s,localaddr=:%s", loopback, one, two))
	a.Send([]byte("a frame"))
	if frame := <-toB; string(frame) != "a frame" {
		t.Errorf("%q", frame)
	}
	b.Send([]byte("another"))
	if frame := <-toA; string(frame) != "another" {
		t.Errorf("%q", frame)
	}
}

// TestUserNetwork asks the gateway for its hardware address and sends it what
// is no frame, and what is no packet.
func TestUserNetwork(t *testing.T) {
	user, frames := start(t, "user,id=n0,hostfwd=tcp::0-:22")
	arp := append(bytes.Repeat([]byte{0xff}, 6), card...)
	arp = append(arp, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1)
	arp = append(append(append(arp, card...), 10, 0, 2, 15, 0, 0, 0, 0, 0, 0), 10, 0, 2, 2)
	for n := range 60 {
		user.Send(arp[:min(n, len(arp))])
		noise := append(append(append([]byte(nil), arp[:12]...), 8, 0), bytes.Repeat([]byte{0x45}, n)...)
		user.Send(noise)
	}
	user.Send(arp)
	frame := <-frames
	want, _ := net.ParseMAC(gatewayMAC)
	if len(frame) < 42 || binary.BigEndian.Uint16(frame[12:]) != 0x0806 || !bytes.Equal(frame[22:28], want) {
		t.Errorf("the answer to ARP: %x", frame)
	}
}

// FuzzParse looks for texts that are read and do not read back.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"user,id=n0,hostfwd=tcp::2222-:22", "socket,id=a,udp=:1,localaddr=[::1]:2", "socket,id=,listen=x", "type=user,id=n", ",,=",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := Parse(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") && !strings.Contains(text, "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		again, err := Parse(spec.String())
		if err != nil || again.String() != spec.String() {
			t.Errorf("%q reads as %q, which does not read back: %q, %v", text, spec, again, err)
		}
	})
}
