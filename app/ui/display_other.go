//go:build !headless && (windows || darwin)

package ui

// needsDisplay: the system always has one.
const needsDisplay = false
