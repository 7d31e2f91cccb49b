package tokenizer

import "testing"

// A smiling face is four bytes in two tokens: nothing is shown before the second one comes.
func TestDecoderHoldsBackHalfCharacters(t *testing.T) {
	tok := full(t)
	decoder := tok.NewDecoder()
	for _, step := range []struct {
		id   int32
		want string
	}{{119685, " "}, {1153, ""}, {1130, "\U0001F642"}} {
		if got := decoder.Push(step.id); got != step.want {
			t.Errorf("Push(%d) = %q, want %q", step.id, got, step.want)
		}
	}
	if got := decoder.Flush(); got != "" {
		t.Errorf("Flush = %q after a whole character", got)
	}
}

func TestDecoderEndsInsideACharacter(t *testing.T) {
	tok := full(t)
	decoder := tok.NewDecoder()
	euro := []int32{1000 + 0xE2, 1000 + 0x82}
	for _, id := range euro {
		decoder.Push(id)
	}
	if got := decoder.Push(3); got != "\uFFFD" { // [INST] ends the character, which stays half
		t.Errorf("a special token after half a character gives %q", got)
	}
	decoder.Push(euro[0])
	decoder.Reset()
	if got := decoder.Push(1000 + 'x'); got != "x" {
		t.Errorf("after Reset, x gives %q", got)
	}
}

func TestIdsThatDoNotExist(t *testing.T) {
	tok := full(t)
	for _, id := range []int32{-1 << 31, -1, 131072, 1<<31 - 1} {
		if tok.Bytes(id) != nil || tok.Piece(id) != "" || tok.IsSpecial(id) || tok.Decode([]int32{1065, id, 1066}) != "AB" {
			t.Errorf("id %d is treated as one that exists", id)
		}
	}
}

func TestPieceShowsHalfCharactersAsReplacement(t *testing.T) {
	tok := full(t)
	if got := tok.Piece(1000 + 0xE2); got != "\uFFFD" {
		t.Errorf("Piece of a byte = %q", got)
	}
	if got := tok.Piece(22177); got != "Hello" || string(tok.Bytes(22177)) != "Hello" {
		t.Errorf("Piece(22177) = %q", got)
	}
}

func TestDecoderDoesNotAllocatePerToken(t *testing.T) {
	tok := full(t)
	ids, decoder := tok.Encode(english[:1000]), tok.NewDecoder()
	if n := testing.AllocsPerRun(10, func() {
		for _, id := range ids {
			decoder.Push(id)
		}
	}); n > 0 {
		t.Errorf("%v allocations for %d tokens", n, len(ids))
	}
}
