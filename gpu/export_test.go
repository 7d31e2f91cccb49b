package gpu

// Submissions counts what was handed to the device so far.
func (d *Device) Submissions() uint64 { return d.native.Submitted() }

// Idle reports whether all of it is done.
func (d *Device) Idle() bool { return d.native.Poll() == d.native.Submitted() }

// NoAdapterHint is the sentence for systems without a driver.
func NoAdapterHint(system string) string { return installHint(system) }
