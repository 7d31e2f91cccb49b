package ref

// FMA: y[i] is the sum of 16 numbers that go 8·rounds times through v = a·v + b. It measures how fast a device computes.
func FMA(y []float32, rounds int, a, b float32) {
	for i := range y {
		sum := 0.0
		for start := 1; start <= 16; start++ {
			v := float64(i%64+start) / 64
			for range 8 * rounds {
				v = float64(a)*v + float64(b)
			}
			sum += v
		}
		y[i] = float32(sum)
	}
}
