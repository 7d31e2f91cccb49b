package gpu

// Device is the device the recording is for.
func (r *Recorder) Device() *Device { return r.device }

// Fail keeps an error of whoever records, as a sentence without the recording's label; Finish returns the first one.
func (r *Recorder) Fail(format string, args ...any) { r.fail(format, args...) }

// Failed tells whether something went wrong already: what follows need not be recorded.
func (r *Recorder) Failed() bool { return r.err != nil }
