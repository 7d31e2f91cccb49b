package view

import "math/rand/v2"

// freshSeed is small enough to be read and typed by a person.
func freshSeed() uint64 { return rand.Uint64N(1_000_000_000) }
