package assets

import _ "embed"

// Catalogue lists the models that can be fetched, with their files and, where
// they are known, the published lengths and SHA-256 hashes.
//
//go:embed catalog.json
var Catalogue []byte
