package gpu

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rajveermalviya/go-webgpu/wgpu"

	"sirocco/gpu/internal/native"
)

// Options choose a device and, for tests, make it look smaller than it is.
type Options struct {
	Device     string // index or part of a name, in any case; "" takes the best
	MaxBinding int64  // pretend that bindings are limited to this many bytes; 0: do not
	MaxBuffer  int64  // the same for buffers
	MaxMemory  int64  // fail as if this were all the memory; 0: do not
	Profile    bool   // time every kernel (see [Device.Profile]); slower
	Profilable bool   // be ready to, where the adapter can (see [Device.SetProfiling])
}

var (
	// ErrDeviceLost is wrapped by errors on a device that is gone for good.
	ErrDeviceLost = errors.New("the graphics device was lost")
	// ErrClosed is returned by every call on a closed device.
	ErrClosed = errors.New("the graphics device is closed")
)

// Device is an open adapter: memory, compiled kernels and a queue of work.
type Device struct {
	mu      sync.Mutex // held by whoever drives the device
	info    Adapter
	native  *native.Device
	binding *wgpu.Device
	ceiling int64 // of allocated; 0: none

	closed    bool
	allocated int64
	peak      int64 // the most allocated ever was
	offloaded int64 // bytes of the host, see NewHostBuffer
	tuning    TuningParams
	owned     map[releaser]struct{} // buffers, programs and kernels not yet released
	kernels   map[string]*Kernel

	uploadRing chan *stage // staging buffers of Upload
	reader     *stage
	costs      costModel
	profile    *profiler // nil unless kernels are being timed
	paused     *profiler // the one that waits for SetProfiling
}

// releaser is a native object that must go before its device does.
type releaser interface{ releaseNative() }

// Open makes the chosen adapter ready, with all the limits it offers. When there
// is no adapter at all the error wraps ErrNoAdapter and says what to install;
// when none matches it lists those there are.
func Open(o Options) (*Device, error) {
	all, err := enumerate()
	if err != nil {
		return nil, err
	}
	defer release(all)
	list := make([]Adapter, len(all))
	for i, c := range all {
		list[i] = c.Adapter
	}
	index, err := pickLimits(list, o.Device)
	if err != nil {
		return nil, err
	}
	return open(all[index], o)
}

func open(c candidate, o Options) (*Device, error) {
	if o.Profile && !c.Timestamps {
		return nil, fmt.Errorf("%s has no timestamps, so its kernels cannot be timed", c.Name)
	}
	defer withRuntimeDir()()
	timed := o.Profile || o.Profilable && c.Timestamps
	n, err := native.Open(c.handle, "sirocco", timed)
	if err != nil {
		return nil, fmt.Errorf("%s does not open: %w", c.Name, err)
	}
	d := &Device{
		info: c.Adapter, native: n, binding: n.Binding(), ceiling: ceiling(c.Adapter, o),
		owned: map[releaser]struct{}{}, kernels: map[string]*Kernel{}, costs: newCostModel(c.Kind),
	}
	d.tuning = DefaultTuning(d.info)
	d.info.Limits.MaxBinding = smaller(d.info.Limits.MaxBinding, o.MaxBinding)
	d.info.Limits.MaxBuffer = smaller(d.info.Limits.MaxBuffer, o.MaxBuffer)
	d.uploadRing = newUploadRing()
	if timed {
		if d.paused, err = newProfiler(d); err != nil {
			d.Close()
			return nil, err
		}
		d.SetProfiling(o.Profile)
	}
	return d, nil
}

// ceiling is where allocation stops before the driver says so. Software adapters
// promise any amount and let the operating system end the process that uses it.
func ceiling(a Adapter, o Options) int64 {
	if o.MaxMemory == 0 && a.Kind == Software {
		return a.Memory / 8 * 7
	}
	return o.MaxMemory
}

func smaller(limit, pretended int64) int64 {
	if pretended > 0 {
		return min(limit, pretended)
	}
	return limit
}

// Info describes the adapter, with the limits this device keeps to.
func (d *Device) Info() Adapter { return d.info }

// Limits are the limits this device keeps to.
func (d *Device) Limits() Limits { return d.info.Limits }

// Allocated counts the bytes of the buffers alive on this device, its own small
// ones included.
func (d *Device) Allocated() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.allocated
}

// Peak is the most that Allocated ever was.
func (d *Device) Peak() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.peak
}

// Staged is what the device allocated for itself: the staging buffers of uploads
// and of reading.
func (d *Device) Staged() (bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for one := range d.owned {
		if s, ok := one.(*stage); ok {
			bytes += s.buffer.size
		}
	}
	return bytes
}

// ForgetPeak lets Peak begin at what is allocated now.
func (d *Device) ForgetPeak() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.peak = d.allocated
}

// Wait returns when everything submitted is done. A cancelled ctx only sets the
// error: the device is idle whenever Wait returns.
func (d *Device) Wait(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return err
	}
	d.idle()
	return ctx.Err()
}

// Close waits for the device and releases everything made on it. Closing twice
// is allowed.
func (d *Device) Close() {
	defer d.drainUploadRing()() // uploads under way write into memory that is about to go
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.idle()
	d.closed = true
	for _, p := range []*profiler{d.profile, d.paused} {
		if p != nil {
			p.release()
		}
	}
	for r := range d.owned {
		r.releaseNative()
	}
	clear(d.owned)
	d.native.Poll() // frees what was released
	d.native.Close()
}

func (d *Device) usable() error {
	if d.closed {
		return ErrClosed
	}
	return nil
}

// fail turns an error of the shim into one for a person; what is the attempt.
func fail(what string, err error) error {
	if errors.Is(err, native.ErrLost) {
		return fmt.Errorf("%s: %w (%w)", what, ErrDeviceLost, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
