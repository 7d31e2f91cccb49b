package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// size is a number of bytes as people write it: 6GB, 6GiB, 900MB; "" is 0.
type size int64

var units = map[string]float64{"": 1, "B": 1, "KB": 1e3, "KIB": 1 << 10, "MB": 1e6, "MIB": 1 << 20, "GB": 1e9, "GIB": 1 << 30}

// UnmarshalText reads it.
func (s *size) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	digits := strings.TrimRight(written, "BKMGibkmg ")
	unit, known := units[strings.ToUpper(strings.TrimSpace(written[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || !(n*unit >= 1) || n*unit > 1<<50 {
		return fmt.Errorf("%q is no amount of memory, as 6GB or 900MiB is", written)
	}
	*s = size(n * unit)
	return nil
}
