package text

import "math"

// ropeTable holds cos and sin of every angle, [positions, headDim/2, 2], rounded
// the way the reference rounds: the inverse frequency in float32, the angle
// their float32 product, cos and sin of that angle in double, stored as float32.
// (A double angle would be 5.5e-3 rad off at position 131,071.)
func ropeTable(positions, headDim int, theta float64) []float32 {
	frequencies := inverseFrequencies(headDim, theta)
	table := make([]float32, 0, positions*headDim)
	for p := range positions {
		table = appendRotations(table, p, frequencies)
	}
	return table
}

// inverseFrequencies are theta^(-2i/headDim) for each pair i, in float32.
func inverseFrequencies(headDim int, theta float64) []float32 {
	frequencies := make([]float32, headDim/2)
	for i := range frequencies {
		exponent := float32(2*i) / float32(headDim)
		frequencies[i] = 1 / float32(math.Pow(theta, float64(exponent)))
	}
	return frequencies
}

// appendRotations adds cos and sin of every angle at one position.
func appendRotations(table []float32, position int, frequencies []float32) []float32 {
	for _, frequency := range frequencies {
		angle := float64(float32(position) * frequency)
		table = append(table, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	return table
}
