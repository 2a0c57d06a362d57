package chardev

import (
	"strings"
	"testing"
)

func TestParseSpec(t *testing.T) {
	client := Spec{Kind: Socket, Host: "h", Port: 1}
	server := Spec{Kind: Socket, Host: loopback, Port: 4444, Server: true, Wait: true}
	with := func(s Spec, change func(*Spec)) Spec { change(&s); return s }
	for text, want := range map[string]Spec{
		"stdio":                                 {Kind: Stdio, Signal: true},
		"stdio,signal=off":                      {Kind: Stdio},
		"stdio,nosignal":                        {Kind: Stdio},
		"stdio,signal":                          {Kind: Stdio, Signal: true},
		"stdio,signal=off,signal=on":            {Kind: Stdio, Signal: true},
		"mon:stdio":                             {Kind: Stdio, Mux: true, Monitor: true},
		"mon:stdio,signal=on":                   {Kind: Stdio, Mux: true, Monitor: true, Signal: true},
		"mon:pty":                               {Kind: Pty, Mux: true, Monitor: true},
		"stdio,mux=on,id=a":                     {Kind: Stdio, ID: "a", Mux: true, Signal: true},
		"pty":                                   {Kind: Pty},
		"pipe:/tmp/a":                           {Kind: Pipe, Path: "/tmp/a"},
		"/dev/ttyS0":                            {Kind: Serial, Path: "/dev/ttyS0"},
		"tty,path=/dev/ttyS0":                   {Kind: Serial, Path: "/dev/ttyS0"},
		"ringbuf":                               {Kind: RingBuffer, Size: defaultRing},
		"ringbuf,size=16":                       {Kind: RingBuffer, Size: 16},
		"unix:/tmp/a,,b,server=on,wait=off":     {Kind: Socket, Path: "/tmp/a,b", Server: true},
		"unix:s":                                {Kind: Socket, Path: "s"},
		"socket,path=s,reconnect=3":             {Kind: Socket, Path: "s", Reconnect: 3},
		"telnet::4444,server=on":                with(server, func(s *Spec) { s.Telnet = true }),
		"file,path=a,input-path=b":              {Kind: File, Path: "a", Input: "b"},
		"null":                                  {Kind: Null},
		"none":                                  {Kind: Null},
		"null,id=a.b-c_1":                       {Kind: Null, ID: "a.b-c_1"},
		"backend=null,id=x":                     {Kind: Null, ID: "x"},
		"vc":                                    {Kind: VirtualConsole},
		"file:a,b,append=on":                    {Kind: File, Path: "a,b,append=on"},
		"file,path=a,,b,append=on":              {Kind: File, Path: "a,b", Append: true},
		"file,path==x":                          {Kind: File, Path: "=x"},
		"tcp:h:1":                               client,
		"tcp:h:1,nodelay":                       with(client, func(s *Spec) { s.NoDelay = true }),
		"tcp::4444,server=on":                   server,
		"tcp::4444,server":                      server,
		"tcp::4444,server,nowait":               with(server, func(s *Spec) { s.Wait = false }),
		"tcp::4444,server=on,wait=off":          with(server, func(s *Spec) { s.Wait = false }),
		"tcp:[::1]:4444,server=on":              with(server, func(s *Spec) { s.Host = "::1" }),
		"tcp:0.0.0.0:0,server=yes,wait=y":       with(server, func(s *Spec) { s.Host, s.Port = "0.0.0.0", 0 }),
		"socket,port=4444,server=true,wait=on":  server,
		"socket,id=s,host=::1,port=9,delay":     {},
		"socket,id=s,host=::1,port=9,nodelay=n": {Kind: Socket, ID: "s", Host: "::1", Port: 9},
	} {
		got, err := ParseSpec(text)
		if want == (Spec{}) {
			if err == nil {
				t.Errorf("%s: read as %v, want an error", text, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseSpecErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "unknown character backend",
		"stido":                          "did you mean stdio?",
		"udp::1":                         "udp backend of qemu is not here yet",
		"mon:mon:stdio":                  "unknown character backend",
		"mon":                            "unknown character backend",
		"none,id=x":                      "unknown character backend",
		"stdio:":                         "options follow a comma",
		"stdio,singal=on":                "did you mean signal?",
		"stdio,signal=maybe":             "signal is either on or off",
		"stdio,id=1a":                    "an id is letters",
		"stdio,id":                       "an id is letters",
		"vc:80Cx24C":                     "write vc",
		"socket:h:1":                     "tcp:HOST:PORT",
		"file":                           "needs a path",
		"file:":                          "needs a path",
		"file,path":                      "path=VALUE",
		"tcp":                            "needs an address",
		"tcp:4444":                       "needs an address",
		"tcp:::1:4444":                   "in brackets",
		"tcp:h:x":                        "a number from 0 to 65535",
		"tcp:h:65536":                    "a number from 0 to 65535",
		"tcp:h:-1":                       "a number from 0 to 65535",
		"tcp:h:0":                        "for servers only",
		"tcp:h:1,wait=on":                "add server=on",
		"tcp:h:1,path=x":                 "either a path or a host and port",
		"tcp:h:1,size=4":                 "it takes host, port, path, telnet, reconnect, server, wait, nodelay, mux, id",
		"ringbuf,size=100":               "a power of two",
		"tcp::1,server=on,reconnect=1":   "for a socket that is a client",
		"tcp::1,reconnect=-1":            "a number of seconds",
		"pipe":                           "needs a path",
		"unix:":                          "needs a port or a path",
		"socket,host=h":                  "needs a port",
		"tcp:a b:1":                      "neither a name nor an address",
		"x\n" + strings.Repeat("y", 500): "unknown character backend",
	} {
		spec, err := ParseSpec(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %+v, %v; want an error with %q", text, spec, err, want)
		}
	}
}

func TestParseControl(t *testing.T) {
	for text, want := range map[string]Spec{
		"tcp::1234":             {Kind: Socket, Host: loopback, Port: 1234, Server: true, NoDelay: true},
		"tcp:h:0,wait=off":      {Kind: Socket, Host: "h", Server: true, NoDelay: true},
		"tcp::1234,nodelay=off": {Kind: Socket, Host: loopback, Port: 1234, Server: true},
		"stdio":                 {Kind: Stdio, Signal: true},
		"pty":                   {Kind: Pty},
		"unix:a":                {Kind: Socket, Path: "a", Server: true},
		"unix:a,server=off":     {Kind: Socket, Path: "a"},
		"tcp::1,server=off":     {Kind: Socket, Host: loopback, Port: 1, NoDelay: true},
	} {
		if got, err := ParseControl(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"tcp::1,wait=on": "use -S",
		"null":           "cannot carry a control connection",
		"ringbuf":        "cannot carry a control connection",
		"mon:stdio":      "unknown character backend",
	} {
		if got, err := ParseControl(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v; want an error with %q", text, got, err, want)
		}
	}
}

func TestParseChardev(t *testing.T) {
	if got, err := ParseChardev("null,id=n"); err != nil || got != (Spec{Kind: Null, ID: "n"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseChardev("null"); err == nil || !strings.Contains(err.Error(), "add ,id=NAME") {
		t.Errorf("without an id: got %+v, %v", got, err)
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"stdio", "null", "file", "vc", "socket"}
	for word, want := range map[string]string{
		"stido": "stdio", "sokcet": "socket", "nul": "null", "flie": "file", "zzzz": "", "": "", "qqqqqqqqqq": "",
	} {
		if want != "" {
			want = " (did you mean " + want + "?)"
		}
		if got := suggest(word, names); got != want {
			t.Errorf("suggest(%q) = %q, want %q", word, got, want)
		}
	}
}

// FuzzParseSpec holds that every spec is read back from its text, and that
// every error is one line of reasonable length.
func FuzzParseSpec(f *testing.F) {
	for _, seed := range []string{
		"stdio", "stdio,signal=off,id=a", "mon:stdio", "null", "none", "vc", "vc:1x1", "file:a,b", "file,path=a,,,append=on",
		"tcp:[::1]:1,server,nowait", "tcp::0,server=on", "socket,host=a,,b,port=1", "socket,port=1,nodelay", "backend=null", "udp::1", "tcp:h",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string) (Spec, error){
			"ParseSpec": ParseSpec, "ParseControl": ParseControl, "ParseChardev": ParseChardev,
		} {
			spec, err := parse(text)
			if err != nil {
				if line := err.Error(); strings.ContainsAny(line, "\n\r\x1b\x00") || len(line) > 1000 || spec != (Spec{}) {
					t.Errorf("%s(%q): %+v, %q", name, text, spec, line)
				}
				continue
			}
			if again, err := parse(spec.String()); err != nil || again != spec {
				t.Errorf("%s(%q) is %+v; its text %q reads as %+v, %v", name, text, spec, spec.String(), again, err)
			}
		}
	})
}
