package gpu

import (
	"os"
	"runtime"
)

// withRuntimeDir keeps Mesa's device selection from complaining on standard error, on
// machines without a desktop session, that XDG_RUNTIME_DIR is not set: for as
// long as adapters are looked for, it is. The result puts things back.
func withRuntimeDir() (restore func()) {
	const name = "XDG_RUNTIME_DIR"
	if _, set := os.LookupEnv(name); set || runtime.GOOS != "linux" {
		return func() {}
	}
	if os.Setenv(name, os.TempDir()) != nil {
		return func() {}
	}
	return func() { _ = os.Unsetenv(name) }
}
