package native

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Of relies on these objects being a struct around one handle.
func TestHandlesOfTheBinding(t *testing.T) {
	for _, object := range []any{wgpu.Adapter{}, wgpu.BindGroupLayout{}, wgpu.ComputePipeline{}, wgpu.Device{}} {
		typ := reflect.TypeOf(object)
		if typ.NumField() != 1 || typ.Size() != unsafe.Sizeof(uintptr(0)) || typ.Field(0).Type.Kind() != reflect.Pointer {
			t.Errorf("%s is no longer one pointer", typ)
		}
	}
}

func TestOneLine(t *testing.T) {
	message := "Validation Error\n\nCaused by:\n    In wgpuDeviceCreateBuffer\n      note: label = `x`\n    Not enough memory left\n"
	if got, want := oneLine(message), "In wgpuDeviceCreateBuffer: note: label = `x`: Not enough memory left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
