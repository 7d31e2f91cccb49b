package ref

import "math"

// PackQ8 is a row of keys or values as a cache in q8 stores it: of every 32 dims, or the rest of them, a 127th of the greatest magnitude,
// and for each dim how many of those it is.
func PackQ8(row []float32) (parts []int8, scales []float32) {
	for from := 0; from < len(row); from += 32 {
		block := row[from:min(from+32, len(row))]
		greatest := float32(0)
		for _, v := range block {
			greatest = max(greatest, float32(math.Abs(float64(v))))
		}
		for _, v := range block {
			part := int8(0)
			if greatest > 1e-30 {
				part = int8(math.Floor(0.5 + 127*float64(v)/float64(greatest)))
			}
			parts = append(parts, part)
		}
		scales = append(scales, float32(float64(greatest)/127))
	}
	return parts, scales
}

// UnpackQ8 is what a kernel reads of it.
func UnpackQ8(parts []int8, scales []float32) (row []float32) {
	for i, part := range parts {
		row = append(row, float32(float64(part)*float64(scales[i/32])))
	}
	return row
}
