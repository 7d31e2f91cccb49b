package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"sirocco/app/notices"
)

// other is a part that is no Go module of ours, and the files with its licence.
type other struct {
	notices.Part
	files []string
}

// others are Go itself, libraries that arrive compiled inside modules, and the
// embedded assets. Apache's text is that of our own LICENSE.
func others() ([]other, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	apache := []string{"LICENSE"}
	return []other{
		{notices.Part{Name: "Go", Version: runtime.Version(), Kind: "library", Note: "the standard library and runtime"},
			[]string{filepath.Join(strings.TrimSpace(string(root)), "LICENSE")}},
		{notices.Part{Name: "wgpu-native", Kind: "library", License: "Apache-2.0 OR MIT",
			Note: "WebGPU for Vulkan, Metal and DX12, by the gfx-rs developers; compiled inside github.com/rajveermalviya/go-webgpu, used under Apache-2.0, with Rust crates under the same two licences and others like them"}, apache},
		{notices.Part{Name: "Sirocco", Kind: "asset", License: "Apache-2.0", Note: "this program, the miniature Breeze and the sample pictures"}, apache},
		{notices.Part{Name: "Tekken vocabulary", Version: "v11", Kind: "asset", License: "Apache-2.0", Note: "by Mistral AI, from mistral-common"}, apache},
		{notices.Part{Name: "System prompt of Mistral Small 3.2", Kind: "asset", License: "Apache-2.0", Note: "by Mistral AI; a reconstruction"}, apache},
	}, nil
}
