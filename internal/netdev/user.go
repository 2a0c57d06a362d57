package netdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/containers/gvisor-tap-vsock/pkg/types"
	"github.com/containers/gvisor-tap-vsock/pkg/virtualnetwork"
	"github.com/sirupsen/logrus"

	"reprise/internal/guard"
)

// The addresses of the user network, as QEMU's. The gateway serves DHCP, by which
// the guest has its address, and DNS; a connection to it is one to the host's
// loopback.
const (
	GuestIP    = "10.0.2.15"
	GatewayIP  = "10.0.2.2"
	userSubnet = "10.0.2.0/24"
	gatewayMAC = "52:55:0a:00:02:02"
	userMTU    = 1500
)

// user is a network of the process's own: a gateway that opens connections of
// the host's in the guest's name.
type user struct {
	spec Spec
	card net.HardwareAddr
	link *link
	vn   *virtualnetwork.VirtualNetwork

	cancel    context.CancelFunc
	listeners []net.Listener
	wait      sync.WaitGroup
	closing   sync.Once
}

func (u *user) Name() string { return u.spec.String() }

// Start implements [Backend].
func (u *user) Start(receive func(frame []byte)) error {
	logrus.SetOutput(io.Discard) // the library's log: there is a terminal to keep clean
	vn, err := virtualnetwork.New(&types.Configuration{
		MTU: userMTU, Subnet: userSubnet, GatewayIP: GatewayIP, GatewayMacAddress: gatewayMAC,
		NAT: map[string]string{GatewayIP: loopback}, DHCPStaticLeases: map[string]string{GuestIP: u.card.String()},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	u.vn, u.cancel, u.link = vn, cancel, newLink(receive)
	for _, f := range u.spec.Forwards {
		l, err := net.Listen("tcp", f.Host)
		if err != nil {
			return errors.Join(fmt.Errorf("hostfwd: %w", err), u.Close())
		}
		u.listeners = append(u.listeners, l)
		u.wait.Go(guard.Func(func() { u.forward(ctx, l, f.Guest) }))
	}
	u.wait.Go(guard.Func(func() { _ = vn.AcceptBess(ctx, u.link) })) // until the link is closed
	return nil
}

// forward carries the connections of one port.
func (u *user) forward(ctx context.Context, l net.Listener, guest string) {
	for {
		outer, err := l.Accept()
		if err != nil {
			return // closed
		}
		u.wait.Go(guard.Func(func() {
			defer outer.Close() //nolint:errcheck // it is over either way
			inner, err := u.vn.DialContextTCP(ctx, guest)
			if err != nil {
				return
			}
			defer inner.Close() //nolint:errcheck // it is over either way
			stop := context.AfterFunc(ctx, func() {
				_ = outer.Close()
				_ = inner.Close()
			})
			defer stop()
			join(outer, inner)
		}))
	}
}

// join copies in both directions until both have ended.
func join(a, b net.Conn) {
	var wait sync.WaitGroup
	half := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		if c, ok := to.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
	}
	wait.Go(guard.Func(func() { half(a, b) }))
	half(b, a)
	wait.Wait()
}

// Send implements [Backend].
func (u *user) Send(frame []byte) { u.link.send(frame) }

// Close implements [Backend].
func (u *user) Close() error {
	u.closing.Do(func() {
		if u.link == nil {
			return
		}
		u.cancel()
		_ = u.link.Close()
		for _, l := range u.listeners {
			_ = l.Close()
		}
		u.wait.Wait()
	})
	return nil
}
