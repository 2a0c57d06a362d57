package chardev

import "net"

// The commands and options of telnet (RFC 854, 855, 856, 857, 858).
const (
	telnetSE   = 240 // end of a subnegotiation
	telnetSB   = 250 // begin of one
	telnetWILL = 251
	telnetWONT = 252
	telnetDO   = 253
	telnetDONT = 254
	telnetIAC  = 255 // a command follows

	telnetBinary = 0
	telnetEcho   = 1
	telnetGoOn   = 3 // suppress go-ahead
)

// telnet is a connection on which telnet is spoken: commands are taken out of
// what comes, and bytes that look like one are doubled in what goes.
type telnet struct {
	net.Conn
	state telnetState
}

type telnetState uint8

const (
	telnetData    telnetState = iota
	telnetCommand             // behind IAC
	telnetOption              // behind IAC WILL and the like
	telnetSub                 // inside a subnegotiation
	telnetSubEnd              // behind IAC inside a subnegotiation
)

// newTelnet begins to speak telnet. A server asks the client to send each key
// at once, without showing it itself.
func newTelnet(c net.Conn, server bool) net.Conn {
	if server {
		// A connection that has failed already shows it at the first read.
		_, _ = c.Write([]byte{
			telnetIAC, telnetWILL, telnetEcho, telnetIAC, telnetWILL, telnetGoOn,
			telnetIAC, telnetWILL, telnetBinary, telnetIAC, telnetDO, telnetBinary,
		})
	}
	return &telnet{Conn: c}
}

// Read implements [net.Conn].
func (t *telnet) Read(p []byte) (int, error) {
	for {
		n, err := t.Conn.Read(p)
		kept := t.strip(p[:n])
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// strip moves the data among p to its front and returns how much it is.
func (t *telnet) strip(p []byte) (kept int) {
	for _, c := range p {
		switch t.state {
		case telnetData:
			if c == telnetIAC {
				t.state = telnetCommand
				continue
			}
			p[kept] = c
			kept++
		case telnetCommand:
			switch c {
			case telnetIAC:
				p[kept] = c
				kept++
				t.state = telnetData
			case telnetWILL, telnetWONT, telnetDO, telnetDONT:
				t.state = telnetOption
			case telnetSB:
				t.state = telnetSub
			default:
				t.state = telnetData
			}
		case telnetOption:
			t.state = telnetData
		case telnetSub:
			if c == telnetIAC {
				t.state = telnetSubEnd
			}
		case telnetSubEnd:
			t.state = telnetSub
			if c == telnetSE {
				t.state = telnetData
			}
		}
	}
	return kept
}

// Write implements [net.Conn].
func (t *telnet) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		end := done
		for end < len(p) && p[end] != telnetIAC {
			end++
		}
		if end > done {
			n, err := t.Conn.Write(p[done:end])
			if done += n; err != nil {
				return done, err
			}
			continue
		}
		if _, err := t.Conn.Write([]byte{telnetIAC, telnetIAC}); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
