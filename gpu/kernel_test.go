package gpu_test

import (
	"strings"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

func TestKernelsAreCompiledOnce(t *testing.T) {
	d := gputest.Device(t)
	if first := kernel(t, d, axpy); first != kernel(t, d, axpy) {
		t.Error("the same source gave two kernels")
	}
}

func TestBadKernels(t *testing.T) {
	d := gputest.Device(t)
	for want, change := range map[string]func(s *shaders.Source){
		"no definition in scope for identifier: 'oops'": func(s *shaders.Source) { s.Code = strings.Replace(s.Code, "p.a *", "oops *", 1) },
		"expected identifier, found '('":                func(s *shaders.Source) { s.Code += "\nfn (" },
		"its workgroup of 0×1×1":                        func(s *shaders.Source) { s.Workgroup = [3]int{0, 1, 1} },
		"the adapter allows": func(s *shaders.Source) { // as many along every axis as each takes: more than all together may have
			s.Workgroup = d.Limits().WorkgroupSize
		},
		"Binding is missing from the pipeline layout": func(s *shaders.Source) { s.Bindings = s.Bindings[:2] }, // the shader uses a binding more
		"Unable to find entry point 'main'":           func(s *shaders.Source) { s.Code = strings.Replace(s.Code, "fn main", "fn other", 1) },
	} {
		src := axpy
		src.Name = "bad"
		change(&src)
		_, err := d.Kernel(src)
		if err == nil || !strings.HasPrefix(err.Error(), "kernel bad") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}
