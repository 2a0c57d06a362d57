package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/state"
)

// release is set by the linker (scripts/dist, make install).
var release string

// version is that of the release, or what the go command knows of the source
// that was built.
var version = cmp.Or(release, sourceVersion(), "dev")

// versionInfo is what version prints.
type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Model   int    `json:"machine_model"`
	Schema  int    `json:"state_schema"`
	Format  int    `json:"recording_format"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print version, commit, machine model and recording format",
		Example: "reprise version\nreprise version --json",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := versionInfo{
				Version: version, Commit: commit(), Model: vm.Model, Schema: state.Schema, Format: recording.Version,
				Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "reprise %s\ncommit %s\nmachine model %d\nstate schema %d\nrecording format %d\n%s %s/%s\n",
				v.Version, v.Commit, v.Model, v.Schema, v.Format, v.Go, v.OS, v.Arch)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// sourceVersion is the version that the go command derives from the repository,
// such as v0.1.1-0.20261124140901-2921150d3bbb, or nothing.
func sourceVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}

// commit is the commit that was built, as the go command notes it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			text = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " (modified)"
		}
	}
	return text + dirty
}

// writeJSON prints a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
