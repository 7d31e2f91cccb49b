//go:build !headless && !windows && !darwin

package ui

// needsDisplay: windows come from an X or Wayland server that may be missing.
const needsDisplay = true
