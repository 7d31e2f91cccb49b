package gpu

// form is how a type lies in a file, and how rows of it are taken apart for the device (see [shaders.Layout]).
type form struct {
	block   int // weights of a block, the unit of a row
	bytes   int // of a block
	vectors put // of 16 bytes
	words   put // of 4 bytes, in the second plane; nil where there is none
}

// put writes items from up to to of the rows of a tile: of each item the 8 rows, one after the other.
type put func(dst []byte, rows *tile, from, to int)

// tile is 8 rows as a file has them, all of one length.
type tile [tileRows][]byte

var forms = map[Weight]form{
	BF16: {block: 1, bytes: 2, vectors: plain},
	F16:  {block: 1, bytes: 2, vectors: plain},
	F32:  {block: 1, bytes: 4, vectors: plain},

	Q4_0:   short{bytes: 18, values: 2}.scaled(),
	Q4_1:   short{bytes: 20, values: 4, words: []wordOf{first, second}}.form(),
	Q5_0:   short{bytes: 22, values: 6, words: []wordOf{scales, spare(2, 0), spare(2, 1)}}.form(),
	Q5_1:   short{bytes: 24, values: 8, words: []wordOf{first, second, spare(4, 0), spare(4, 1)}}.form(),
	Q8_0:   short{bytes: 34, values: 2}.scaled(),
	IQ4_NL: short{bytes: 18, values: 2}.scaled(),

	Q2_K:   long{bytes: 84, vectors: 4, vector: q2_kVector, words: 5, word: q2_kWord}.form(),
	Q3_K:   long{bytes: 110, vectors: 4, vector: q3_kVector, words: 12, word: q3_kWord}.form(),
	Q4_K:   long{bytes: 144, vectors: 8, values: 16, words: 4, word: q4_kWord}.form(),
	Q5_K:   long{bytes: 176, vectors: 8, values: 48, words: 12, word: q5_kWord}.form(),
	Q6_K:   long{bytes: 210, vectors: 12, vector: q6_kVector, words: 5, word: q6_kWord}.form(),
	IQ4_XS: long{bytes: 136, vectors: 8, values: 8, words: 2, word: iq4_xsWord}.form(),
}

func plain(dst []byte, rows *tile, from, to int) {
	for i := from; i < to; i++ {
		copyVectors((*vectors)(dst[vectorsBytes*(i-from):]), rows, 16*i)
	}
}

// vectors is one of each row of a tile.
type vectors [vectorsBytes]byte

const vectorsBytes = 16 * tileRows

// copyVectors takes 16 bytes of each row as they lie, with zeros for what lies behind the row's end.
func copyVectors(dst *vectors, rows *tile, from int) {
	if from+16 > len(rows[0]) {
		clear(dst[:])
		for r, row := range rows {
			copy(dst[16*r:][:16], row[min(from, len(row)):])
		}
		return
	}
	for r := range rows {
		*(*[16]byte)(dst[16*r:]) = *(*[16]byte)(rows[r][from:])
	}
}
