package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Config is what the user has configured. What the file does not name has the
// value of [Defaults]; what the names in it mean is known to who uses them.
type Config struct {
	Path    string              // of the file; empty if there is none
	Theme   string              // of the interface
	Borders string              // "auto", "unicode" or "ascii"
	Mouse   bool                // the interface uses it
	Layout  string              // a preset or a tree
	Keys    map[string][]string // keys by the name of an action

	lines map[string]int // of the file, by names such as "keys.step"
}

// Defaults are the values without a file.
func Defaults() Config {
	return Config{Theme: "auto", Borders: "auto", Mouse: true, Layout: "default"}
}

// ConfigPath is where the file is, such as ~/.config/reprise/config.toml.
func ConfigPath() string { return filepath.Join(xdg.ConfigHome, "reprise", "config.toml") }

// ConfigError is something in the file that is not understood.
type ConfigError struct {
	Path string
	Line int // from 1; 0 if it is not known
	Text string
}

func (e *ConfigError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
}

// Wrong is the error for a value that its user does not understand; name is as
// in the file, such as "theme" or "keys.step".
func (c *Config) Wrong(name string, err error) error {
	return &ConfigError{c.Path, c.lines[name], err.Error()}
}

// ReadConfig reads the file at a path; one that is not there gives the defaults.
// Its error is a *[ConfigError], or what the operating system said.
func ReadConfig(path string) (Config, error) {
	c := Defaults()
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, nil
	case err != nil:
		return c, fmt.Errorf("the configuration: %w", err)
	}
	c.Path = path
	var values map[string]any
	if err := toml.Unmarshal(data, &values); err != nil {
		wrong := &ConfigError{Path: path, Text: err.Error()}
		var decode *toml.DecodeError
		if errors.As(err, &decode) {
			wrong.Line, _ = decode.Position()
		}
		return Defaults(), wrong
	}
	c.lines = linesOf(data)
	for name, value := range values {
		if err := c.set(name, value); err != nil {
			return Defaults(), err
		}
	}
	return c, nil
}

// set takes over a value.
func (c *Config) set(name string, value any) error {
	ok := false
	switch name {
	case "theme":
		c.Theme, ok = value.(string)
	case "borders":
		c.Borders, ok = value.(string)
	case "layout":
		c.Layout, ok = value.(string)
	case "mouse":
		if c.Mouse, ok = value.(bool); !ok {
			return c.Wrong(name, errors.New("mouse is true or false"))
		}
	case "keys":
		return c.setKeys(value)
	default:
		return c.Wrong(name, fmt.Errorf("there is no setting %q: they are theme, borders, mouse, layout and [keys]", name))
	}
	if !ok {
		return c.Wrong(name, fmt.Errorf("%s is a text in quotes", name))
	}
	return nil
}

// setKeys takes over the table of keys: for each action one key or a list.
func (c *Config) setKeys(value any) error {
	table, ok := value.(map[string]any)
	if !ok {
		return c.Wrong("keys", errors.New(`keys is a table: [keys], then lines such as step = "s"`))
	}
	c.Keys = map[string][]string{}
	for action, value := range table {
		list, many := value.([]any)
		if !many {
			list = []any{value}
		}
		keys := make([]string, 0, len(list))
		for _, key := range list {
			text, ok := key.(string)
			if !ok {
				return c.Wrong("keys."+action, fmt.Errorf(`the keys of %s are texts in quotes: "s", or ["s", "ctrl+s"]`, action))
			}
			keys = append(keys, text)
		}
		c.Keys[action] = keys
	}
	return nil
}

// linesOf finds the lines of all names in a file that is known to be TOML.
func linesOf(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		name, line := "", 0
		for key := e.Key(); key.Next(); {
			if name != "" {
				name += "."
			}
			name += string(key.Node().Data)
			line = p.Shape(key.Node().Raw).Start.Line
		}
		if e.Kind == unstable.Table {
			table = name + "."
		} else {
			name = table + name
		}
		lines[name] = line
	}
	return lines
}
