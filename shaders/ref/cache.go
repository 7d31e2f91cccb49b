package ref

import "math"

// PackQ8 is a row of keys or values as a cache in q8 stores it: of every 32 dims, or the rest of them, the greatest magnitude, and for
// each dim so many 127ths of that.
func PackQ8(row []float32) (parts []int8, most []float32) {
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
		most = append(most, greatest)
	}
	return parts, most
}

// UnpackQ8 is what a kernel reads of it.
func UnpackQ8(parts []int8, most []float32) (row []float32) {
	for i, part := range parts {
		row = append(row, float32(max(float64(part)/127, -1)*float64(most[i/32])))
	}
	return row
}
