// Command scaling writes docs/scaling.md: what one laptop, one card, two cards and
// fleets of vLLM hold and serve of Mistral-Small-3.2-24B. It turns the constants
// below into tables by arithmetic and a small simulation; nothing in the page is
// typed by hand. Open constants.go first, then cost.go; route.go simulates where
// conversations go in a fleet, page.go writes.
//
// usage: go run ./tools/scaling > docs/scaling.md
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := page(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}
