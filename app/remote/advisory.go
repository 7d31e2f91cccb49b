package remote

import (
	"fmt"
	"strconv"
	"strings"
)

// advisory is a published fault of vLLM through which others can run code on the
// server, in versions from first up to, not including, fixed.
type advisory struct {
	cve          string
	first, fixed release
	what         string
}

// release is a version's first three numbers.
type release [3]int

// advisories are from the advisories on the project's GitHub page and in the CVE list.
var advisories = []advisory{
	{"CVE-2025-62164", release{0, 10, 2}, release{0, 11, 1}, "a crafted prompt embedding can run code on the server"},
	{"CVE-2026-22807", release{0, 10, 1}, release{0, 14, 0}, "a model's folder can run code while it is loaded"},
	{"CVE-2026-22778", release{0, 8, 3}, release{0, 14, 1}, "a crafted picture or video can run code on the server"},
}

// advisoriesOf are warnings about a version; none for one that cannot be read.
func advisoriesOf(version string) (warnings []string) {
	running, ok := parseRelease(version)
	if !ok {
		return nil
	}
	for _, h := range advisories {
		if !running.before(h.first) && running.before(h.fixed) {
			warnings = append(warnings, fmt.Sprintf("the server runs vLLM %s, which has a known hole (%s: %s); its admin should update it to %s or later", version, h.cve, h.what, h.fixed))
		}
	}
	return warnings
}

// parseRelease reads 0.14.1, v0.14.1rc2 and 0.32.0+cpu. A release candidate
// counts as its release, a development version (0.14.1.dev3) as well.
func parseRelease(version string) (r release, ok bool) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 4)
	for i := range r {
		if i >= len(parts) {
			return r, i >= 2
		}
		digits := parts[i]
		if end := strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' }); end >= 0 {
			digits = digits[:end]
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return r, false
		}
		r[i] = n
	}
	return r, true
}

func (r release) before(other release) bool {
	for i := range r {
		if r[i] != other[i] {
			return r[i] < other[i]
		}
	}
	return false
}

func (r release) String() string { return fmt.Sprintf("%d.%d.%d", r[0], r[1], r[2]) }
