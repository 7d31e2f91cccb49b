package op

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

// Every value of every define compiles, the others at their defaults; other tests run the combinations in use.
func TestExpansionsCompile(t *testing.T) {
	d := gputest.Device(t)
	for _, stem := range shaders.Stems() {
		for _, defines := range choices(shaders.Variants(stem)) {
			source, err := shaders.Get(stem, defines)
			if err != nil {
				t.Error(err)
				continue
			}
			if _, err := d.Kernel(source); err != nil {
				t.Error(err)
			}
		}
	}
}

func choices(variants []shaders.Variant) []shaders.Defines {
	list := []shaders.Defines{nil}
	for _, v := range variants {
		for _, value := range v.Values[1:] {
			list = append(list, shaders.Defines{v.Name: value})
		}
	}
	return list
}

// params are the structs whose words become the uniforms, by kernel.
var params = map[string]any{
	"add": addParams{}, "sample": sampleParams{}, "sample_combine": sampleCombineParams{}, "attend": attendParams{}, "attend_combine": attendCombineParams{},
	"attend_split": attendSplitParams{}, "attend_weights": attendWeightsParams{}, "copy": copyParams{}, "embed": embedParams{}, "fma": fmaParams{}, "gelu": geluParams{}, "matmul": matmulParams{},
	"matvec": matvecParams{}, "patch_merge": patchMergeParams{}, "topk": topKParams{}, "topk_count": topKCountParams{}, "rmsnorm": rmsnormParams{}, "rope2d": rope2dParams{},
	"rope_kv": ropeKVParams{}, "scatter_rows": scatterRowsParams{}, "swiglu": swigluParams{}, "scale_by": scaleByParams{},
}

var (
	wgslStruct = regexp.MustCompile(`struct Params \{([^}]*)\}`)
	wgslField  = regexp.MustCompile(`(\w+):\s*(\w+)`)
)

// Go and WGSL agree on every parameter: name, type and place.
func TestParamsAgree(t *testing.T) {
	for _, stem := range shaders.Stems() {
		source, err := shaders.Get(stem, nil)
		if err != nil {
			t.Fatal(err)
		}
		inWGSL := wgslStruct.FindStringSubmatch(source.Code)
		if inWGSL == nil || params[stem] == nil {
			t.Errorf("%s: no struct Params in one of the two", stem)
			continue
		}
		var want []string
		for _, f := range wgslField.FindAllStringSubmatch(inWGSL[1], -1) {
			want = append(want, strings.ReplaceAll(f[1], "_", "")+" "+f[2])
		}
		if got := fields(params[stem]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Go has %v, WGSL %v", stem, got, want)
		}
	}
}

func fields(params any) (list []string) {
	types := map[reflect.Kind]string{reflect.Uint32: "u32", reflect.Float32: "f32"}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(params)) {
		list = append(list, fmt.Sprint(strings.ToLower(f.Name), " ", types[f.Type.Kind()]))
	}
	return list
}

// A kernel is a triple of one stem: its text, its caller here, its twin (shaders tests the twin).
func TestEveryKernelHasACaller(t *testing.T) {
	for _, stem := range shaders.Stems() {
		if _, err := os.Stat(filepath.Join(".", stem+".go")); err != nil {
			t.Errorf("%s.wgsl has no %s.go: %v", stem, stem, err)
		}
	}
}
