package imageproc

import "image"

// JPEG and lossy WebP store colour at half resolution. The reference's decoders,
// libjpeg-turbo and libwebp, spread it with a triangle filter; Go's images repeat
// it. On sharp coloured edges that is the largest difference between them, so
// the triangle is here, in libjpeg's rounding.

// plane is one colour plane of a picture, stored at a fraction of its size.
type plane struct {
	pix           []byte
	stride        int
	width, height int // of the plane
	right, down   int // picture pixels per plane pixel
}

// chroma are the two colour planes of a picture.
func chroma(m *image.YCbCr) (cb, cr plane) {
	right, down := 1, 1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		right = 2
	case image.YCbCrSubsampleRatio420:
		right, down = 2, 2
	case image.YCbCrSubsampleRatio440:
		down = 2
	case image.YCbCrSubsampleRatio411:
		right = 4
	case image.YCbCrSubsampleRatio410:
		right, down = 4, 2
	}
	width, height := (m.Rect.Dx()+right-1)/right, (m.Rect.Dy()+down-1)/down
	cb = plane{m.Cb, m.CStride, width, height, right, down}
	cr = plane{m.Cr, m.CStride, width, height, right, down}
	return cb, cr
}

func (p plane) line(y int) []byte {
	return p.pix[min(max(y, 0), p.height-1)*p.stride:][:p.width]
}

// row writes the plane's values for row y of the picture; scratch holds a line.
func (p plane) row(y int, dst []byte, scratch []int32) {
	near := p.line(y / p.down)
	far := p.line(y/p.down + 2*(y&1) - 1) // the line on the other side of row y
	s := scratch[:p.width]
	switch {
	case p.right == 1 && p.down == 1:
		copy(dst, near)
	case p.right == 1 && p.down == 2:
		for i := range s {
			dst[i] = byte((3*int(near[i]) + int(far[i]) + 1 + y&1) >> 2)
		}
	case p.right == 2 && p.down == 1 && p.width > 2:
		for i := range s {
			s[i] = int32(near[i])
		}
		spread(dst, s, 1, 2, 2)
	case p.right == 2 && p.down == 2 && p.width > 2:
		for i := range s {
			s[i] = 3*int32(near[i]) + int32(far[i])
		}
		spread(dst, s, 8, 7, 4)
	default: // libjpeg repeats rare ratios and the narrowest pictures
		for x := range dst {
			dst[x] = near[x/p.right]
		}
	}
}

// spread writes two values for each in s, three parts of it and one of the
// neighbour on that side, rounded and shifted down.
func spread(dst []byte, s []int32, left, right int32, shift uint) {
	for x := range dst {
		i := x / 2
		if x&1 == 0 {
			dst[x] = byte((3*s[i] + s[max(i-1, 0)] + left) >> shift)
		} else {
			dst[x] = byte((3*s[i] + s[min(i+1, len(s)-1)] + right) >> shift)
		}
	}
}

// yccRows converts to RGB: JPEG values use the full range, WebP's the video range.
func yccRows(m *image.YCbCr, format Format) func(y int, dst []byte) {
	convert := fromJPEG
	if format == WebP {
		convert = fromWebP
	}
	cb, cr := chroma(m)
	return func(y int, dst []byte) {
		width := len(dst) / 3
		scratch := make([]int32, cb.width)
		line := make([]byte, 2*width)
		cb.row(y, line[:width], scratch)
		cr.row(y, line[width:], scratch)
		convert(dst, m.Y[y*m.YStride:][:width], line[:width], line[width:])
	}
}

func yccAlphaRows(m *image.NYCbCrA, format Format) func(y int, dst []byte) {
	opaque := yccRows(&m.YCbCr, format)
	return func(y int, dst []byte) {
		opaque(y, dst)
		for i := range dst {
			dst[i] = over(dst[i], m.A[y*m.AStride+i/3])
		}
	}
}

// fromJPEG is BT.601 in libjpeg's 16-bit fixed point.
func fromJPEG(dst, y, cb, cr []byte) {
	const half = 1 << 15
	cb, cr = cb[:len(y)], cr[:len(y)]
	for i, l := range y {
		luma, u, v := int32(l), int32(cb[i])-128, int32(cr[i])-128
		out := dst[3*i : 3*i+3]
		out[0] = clamp(luma + (91881*v+half)>>16)
		out[1] = clamp(luma + (-22554*u-46802*v+half)>>16)
		out[2] = clamp(luma + (116130*u+half)>>16)
	}
}

// fromWebP is BT.601 with luma in 16..235, in libwebp's 14-bit fixed point.
func fromWebP(dst, y, cb, cr []byte) {
	cb, cr = cb[:len(y)], cr[:len(y)]
	for i, l := range y {
		luma, u, v := int32(l)*19077>>8, int32(cb[i]), int32(cr[i])
		out := dst[3*i : 3*i+3]
		out[0] = clamp((luma + v*26149>>8 - 14234) >> 6)
		out[1] = clamp((luma - u*6419>>8 - v*13320>>8 + 8708) >> 6)
		out[2] = clamp((luma + u*33050>>8 - 17685) >> 6)
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }
