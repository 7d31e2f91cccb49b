package inspect

// Piece is something in a flow of tokens: a token's text, or a picture that
// stands as a block of its own.
type Piece struct {
	Text  string
	Break bool // a line ends behind it
	// Block is the size of a picture, zero for text.
	BlockWidth, BlockHeight float32
}

// Line is a line of a flow: pieces From to To, each at its own X.
type Line struct {
	From, To int
	Y        float32
	Height   float32
	X        []float32 // left edges of the pieces, and the right edge of the last
}

// Flow lays pieces out in lines of a width. measure says how wide a text is.
// Laying out is all that happens for every token; drawing happens for the lines
// in sight.
func Flow(pieces []Piece, width, lineHeight float32, measure func(string) float32) []Line {
	var lines []Line
	line := Line{Height: lineHeight, X: []float32{0}}
	y := float32(0)
	end := func(next int) {
		if line.To > line.From {
			line.Y = y
			y += line.Height
			lines = append(lines, line)
		}
		line = Line{From: next, To: next, Height: lineHeight, X: []float32{0}}
	}
	for i, p := range pieces {
		if p.BlockHeight > 0 {
			end(i)
			line.To, line.Height = i+1, p.BlockHeight
			line.X = append(line.X, p.BlockWidth)
			end(i + 1)
			continue
		}
		w := measure(p.Text)
		at := line.X[len(line.X)-1]
		if at+w > width && line.To > line.From {
			end(i)
			at = 0
		}
		line.To = i + 1
		line.X = append(line.X, at+w)
		if p.Break {
			end(i + 1)
		}
	}
	end(len(pieces))
	return lines
}

// Seen are the lines of which something lies between top and bottom.
func Seen(lines []Line, top, bottom float32) (from, to int) {
	from = search(len(lines), func(i int) bool { return lines[i].Y+lines[i].Height > top })
	to = search(len(lines), func(i int) bool { return lines[i].Y >= bottom })
	return from, max(from, to)
}

// search is the first index for which a condition that stays true holds.
func search(n int, holds func(int) bool) int {
	low, high := 0, n
	for low < high {
		middle := (low + high) / 2
		if holds(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// At is the piece at a point, -1 for none.
func At(lines []Line, x, y float32) int {
	i := search(len(lines), func(i int) bool { return lines[i].Y+lines[i].Height > y })
	if i == len(lines) || y < lines[i].Y {
		return -1
	}
	line := lines[i]
	for k := line.From; k < line.To; k++ {
		if x >= line.X[k-line.From] && x < line.X[k-line.From+1] {
			return k
		}
	}
	return -1
}
