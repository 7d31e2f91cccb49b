package op

import "sirocco/gpu"

type rmsnormParams struct {
	Rows, Cols uint32
	Eps        float32
}

// RMSNorm records dst = x / sqrt(mean(x²) + eps) · weight, the mean over each row (docs/model.md, 3.1). dst, x [rows, D]; weight [D].
func RMSNorm(r *gpu.Recorder, dst, x, weight gpu.Tensor, eps float32) {
	rows, cols := rowsOf(x)
	if !fits(r, "rmsnorm", dst.Len() == x.Len() && weight.Len() == cols, dst, x, weight) {
		return
	}
	dispatch(r, "rmsnorm", nil, &rmsnormParams{uint32(rows), uint32(cols), eps}, lines(r, rows),
		dst.Binding(), x.Binding(), weight.Binding())
}
