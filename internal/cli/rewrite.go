package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"reprise/replay/recording"
)

// rewriting is a new recording that is made from another.
type rewriting struct {
	output string
	force  bool
}

func (w *rewriting) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&w.output, "output", "o", "", "`FILE` to write; required")
	cmd.Flags().BoolVar(&w.force, "force", false, "replace an existing file")
}

func newRepair() *cobra.Command {
	var w rewriting
	cmd := &cobra.Command{
		Use:   "repair FILE -o FILE",
		Short: "Close a recording whose recorder was stopped",
		Long: `Writes what is whole of a torn recording into a new one that is closed and has an
index. The old file stays as it is. Snapshots are left out: a replay makes its
own.`,
		Example: "reprise repair -o whole.reprise torn.reprise",
		Args:    exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return w.run(cmd, args[0], func(*recording.Manifest) {})
		},
	}
	w.register(cmd)
	return cmd
}

func newStrip() *cobra.Command {
	var w rewriting
	cmd := &cobra.Command{
		Use:   "strip FILE -o FILE",
		Short: "Copy a recording without what is not needed to replay it",
		Long: `Writes a copy without snapshots, and without the files of programs, of which only
the symbols are lost: what they put into memory stays, and so do disks.`,
		Example: "reprise strip -o small.reprise boot.reprise",
		Args:    exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return w.run(cmd, args[0], func(m *recording.Manifest) {
				m.Images = slices.Clone(m.Images)
				for i := range m.Images {
					m.Images[i].Outside = m.Images[i].Outside || m.Images[i].Role != "disk"
				}
			})
		},
	}
	w.register(cmd)
	return cmd
}

// run writes the copy, whose manifest may be changed first, and says what it is.
func (w *rewriting) run(cmd *cobra.Command, from string, change func(*recording.Manifest)) error {
	if w.output == "" {
		return usagef("%s needs a file to write: add -o FILE", cmd.CommandPath())
	}
	if sameFile(from, w.output) {
		return usagef("-o %s: this is the recording itself: write another file, and rename it when you are content", w.output)
	}
	return withRecording(from, func(r *recording.Reader) error {
		m := *r.Manifest()
		change(&m)
		part := w.output + ".part"
		if !w.force {
			if _, err := os.Lstat(w.output); err == nil {
				return usagef("recording %s: file already exists: choose another name, or replace it with --force", w.output)
			}
		}
		err := copyRecording(r, m, part)
		if err == nil {
			err = os.Rename(part, w.output)
		}
		if err != nil {
			return withStatus(statusOf(err), errors.Join(err, removeIfThere(part)))
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %v steps, %s events, closed\n", w.output, r.Last(), commas(r.Len()))
		return err
	})
}

// sameFile reports whether two paths lead to one file.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// copyRecording writes the events, digests and blobs of a recording into a new
// one, which is closed.
func copyRecording(r *recording.Reader, m recording.Manifest, path string) error {
	w, err := recording.Create(path, m, recording.CreateOptions{Force: true})
	if err != nil {
		return err
	}
	err = copyBlobs(r, w, &m)
	digests := r.Digests()
	copyDigests := func(until recording.Step) error {
		for ; len(digests) > 0 && digests[0].Step <= until; digests = digests[1:] {
			list, err := r.Digest(digests[0])
			if err != nil {
				return err
			}
			if err := w.Digest(digests[0].Step, list); err != nil {
				return err
			}
		}
		return nil
	}
	if err == nil {
		err = eachEvent(r, 0, func(e *recording.Event) error {
			if e.Kind == recording.End {
				return nil
			}
			if err := copyDigests(e.Step); err != nil {
				return err
			}
			return w.Append(*e)
		})
	}
	if err == nil {
		err = copyDigests(r.Last())
	}
	if err == nil {
		err = w.Finish(r.Last(), r.Virtual())
	}
	return errors.Join(err, w.Close())
}

// copyBlobs copies what the manifest needs.
func copyBlobs(r *recording.Reader, w *recording.Writer, m *recording.Manifest) error {
	var list []recording.Hash
	for _, image := range m.Images {
		if !image.Outside {
			list = append(list, image.SHA256)
		}
	}
	for _, segment := range m.Memory {
		list = append(list, segment.Blob)
	}
	for _, hash := range append(list, m.DeviceTree) {
		if hash.IsZero() {
			continue
		}
		b, err := r.OpenBlob(hash)
		if err != nil {
			return err
		}
		if err := w.BlobFrom(io.NewSectionReader(b, 0, b.Size()), hash); err != nil {
			return err
		}
	}
	return nil
}

func newExtract() *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:   "extract FILE [IMAGE]",
		Short: "Write an image out of a recording",
		Long: `Writes an image that the recording holds into a file: one is named by its role,
such as kernel, or by the name that its file had, and dtb is the device tree.
Without a name the images are listed.`,
		Example: "reprise extract boot.reprise\nreprise extract -o u-boot.elf boot.reprise kernel",
		Args:    cobra.RangeArgs(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s needs a recording: %s", cmd.CommandPath(), cmd.UseLine())
			}
			return withRecording(args[0], func(r *recording.Reader) error {
				if len(args) == 1 {
					return listImages(cmd.OutOrStdout(), r.Manifest())
				}
				return extract(r, args[1], output, force)
			})
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write; without it the image's own name in the current folder")
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	return cmd
}

// images are those of a recording, with the device tree as one.
func images(m *recording.Manifest) []recording.Image {
	list := slices.Clone(m.Images)
	if !m.DeviceTree.IsZero() {
		list = append(list, recording.Image{Role: "dtb", File: "device-tree.dtb", SHA256: m.DeviceTree})
	}
	return list
}

func listImages(out io.Writer, m *recording.Manifest) error {
	for _, image := range images(m) {
		kept := ""
		if image.Outside {
			kept = " (not in the recording)"
		}
		if _, err := fmt.Fprintf(out, "%s %s %v%s\n", image.Role, image.File, image.SHA256, kept); err != nil {
			return err
		}
	}
	return nil
}

// extract writes one image.
func extract(r *recording.Reader, name, output string, force bool) (err error) {
	list := images(r.Manifest())
	i := slices.IndexFunc(list, func(image recording.Image) bool { return image.Role == name || image.File == name })
	if i < 0 {
		var names []string
		for _, image := range list {
			names = append(names, image.Role)
		}
		return usagef("there is no image %q: there are %s", name, strings.Join(names, ", "))
	}
	image := list[i]
	if image.Outside {
		return usagef("the recording does not hold %s, it only names it", image.File)
	}
	if output == "" {
		output = baseName(image.File)
	}
	b, err := r.OpenBlob(image.SHA256)
	if err != nil {
		return err
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(output, flags, 0o666)
	if errors.Is(err, os.ErrExist) {
		return usagef("%s: file already exists: choose another name with -o, or replace it with --force", output)
	}
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	_, err = io.Copy(f, io.NewSectionReader(b, 0, b.Size()))
	return withStatus(HostFailure, errors.Join(err, f.Close()))
}

// baseName is the last part of a name that comes from a recording, which may
// have been made to lead elsewhere.
func baseName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name == "" || name == "." || name == ".." {
		return "image"
	}
	return name
}
