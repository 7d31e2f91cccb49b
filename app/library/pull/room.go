package pull

import "fmt"

// spare is left free on the disk: a full one harms everybody.
const spare = 256 << 20

// enoughRoom checks before the first byte that what is still to come fits.
func enoughRoom(folder string, all []*target) error {
	var need int64
	for _, t := range all {
		need += t.size - t.have()
	}
	if need == 0 {
		return nil
	}
	free, err := freeBytes(folder)
	if err != nil {
		return nil // a system that does not tell is no reason not to try
	}
	if free < need+spare {
		return fmt.Errorf("the disk of %s has %.1f GB free and %.1f GB are still to come (%.1f GB more are kept free); make room or choose another folder",
			folder, gigabytes(free), gigabytes(need), gigabytes(spare))
	}
	return nil
}

func gigabytes(n int64) float64 { return float64(n) / 1e9 }
