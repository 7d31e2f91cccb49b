// Package tune turns an open device into one whose kernels have the shapes that suit its adapter: it measures a handful of candidates
// once for each adapter, driver and version of the kernels, and keeps what it found in a file. Open this file first, then measure.go.
//
// Other shapes take sums in another order, so that results differ in their last bits. Under the same shapes they never do; who wants
// the same bits on every day and after every update pins the shapes (see [Options]).
package tune

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sirocco/gpu"
)

// Modes of [Options], besides the path of a file.
const (
	Off  = "off"  // the shapes known to be fair on a kind of adapter; nothing is measured or read
	Auto = "auto" // what was measured before, else measured now; software adapters keep what they have, which was measured by us
	Now  = "now"  // measured now, whatever was found before
)

// Options say how shapes are chosen. The zero value is Off.
type Options struct {
	Mode string // Off, Auto, Now, or the path of a file as Keep writes it, whose shapes are taken as they are
	File string // where shapes are kept; "" is [DefaultFile]
	// Progress hears how many candidates have been measured, and of how many.
	Progress func(done, total int)
}

// DefaultFile is kernels.json in the user's cache folder, or in the temporary one without a home.
func DefaultFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "sirocco", "kernels.json")
}

// Apply sets the knobs of a device. That they could not be kept is a notice and no error: they are measured again the next time.
func Apply(ctx context.Context, d *gpu.Device, o Options) (notice string, err error) {
	if o.File == "" {
		o.File = DefaultFile()
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	adapter := d.Info()
	switch o.Mode {
	case "", Off:
		return "", nil
	case Auto:
		if found, ok := Find(o.File, adapter); ok {
			d.SetTuning(found.Tuning)
			return "", nil
		}
		if adapter.Kind == gpu.Software {
			return "", nil
		}
	case Now:
	default:
		return "", pinned(d, o.Mode)
	}
	e, err := Measure(ctx, d, o.Progress)
	if err != nil {
		return "", fmt.Errorf("measuring which kernels suit %s: %w; --tune off leaves it out", adapter.Name, err)
	}
	if err := Save(o.File, e); err != nil {
		return fmt.Sprintf("what suits %s could not be kept and will be measured again: %v", adapter.Name, err), nil
	}
	return "", nil
}

// pinned takes the shapes of a file for the adapter, whatever driver and kernels they were measured with.
func pinned(d *gpu.Device, path string) error {
	all, err := read(path)
	if err != nil {
		return fmt.Errorf("--tune %s is neither off, auto nor now, nor a file of shapes: %w", path, err)
	}
	for _, e := range all {
		if e.Adapter == d.Info().Name && e.Backend == d.Info().Backend {
			if err := e.Tuning.Check(d.Limits()); err != nil {
				return fmt.Errorf("the shapes of kernels in %s: %w", path, err)
			}
			d.SetTuning(e.Tuning)
			return nil
		}
	}
	return fmt.Errorf("%s has no shapes of kernels for %s (%s); --tune now measures them", path, d.Info().Name, d.Info().Backend)
}
