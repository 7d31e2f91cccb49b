//go:build !headless

package assets

import _ "embed" // the directives below

// Icon is the program's icon: icon.svg drawn at 512 × 512.
//
//go:embed icon.png
var Icon []byte

// Sample is the picture the window offers to try the program on.
//
//go:embed samples/shapes.png
var Sample []byte
