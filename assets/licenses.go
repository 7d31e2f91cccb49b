package assets

import _ "embed"

// Licenses is the list that package notices reads; tools/licenses writes it.
//
//go:embed licenses.json.zst
var Licenses []byte
