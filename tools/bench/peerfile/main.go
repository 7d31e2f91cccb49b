// Command peerfile writes the GGUF file with which tools/bench/peer.sh measures
// Sirocco beside other engines: random Q4_0 or Q4_K weights of 8 layers × 1024
// (feed-forward 6656), 142 MB, with a vocabulary that every reader of Tekken
// vocabularies accepts; "vision" as the type writes the file of a tower that goes
// with it. tools/bench/load.sh asks for a larger shape.
package main

import (
	"fmt"
	"os"

	"sirocco/model"
	"sirocco/model/checkpoint/gguf"
)

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "peerfile: peerfile TYPE FILE.gguf [SHAPE], TYPE as in bench --type or vision, SHAPE peer or 1b")
		os.Exit(2)
	}
	s := model.Synthetic{Shape: "peer", Type: os.Args[1]}
	if len(os.Args) == 4 {
		s.Shape = os.Args[3]
	}
	if err := write(s, os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "peerfile:", err)
		os.Exit(1)
	}
}

func write(s model.Synthetic, path string) error {
	if s.Type == "vision" {
		s.Type = "f16"
		return model.WriteSyntheticVision(path, s)
	}
	c, err := s.Config()
	if err != nil {
		return err
	}
	return model.WriteSynthetic(path, s, vocabulary(c.Text.Vocab))
}

// vocabulary has 1000 special tokens, every byte, and then pairs of bytes, in
// GPT-2's spelling.
func vocabulary(size int) []gguf.Pair {
	const specials = 1000
	bytes := spellings()
	tokens, kinds := make([]string, 0, size), make([]int32, size)
	for id := range specials {
		tokens, kinds[id] = append(tokens, fmt.Sprintf("<SPECIAL_%d>", id)), 3
	}
	copy(tokens, []string{
		"<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]",
		"[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]",
	})
	tokens = append(tokens, bytes[:]...)
	for i := 0; len(tokens) < size; i++ {
		tokens = append(tokens, bytes[i/256]+bytes[i%256])
	}
	for id := specials; id < size; id++ {
		kinds[id] = 1
	}
	return []gguf.Pair{
		{Key: "tokenizer.ggml.model", Value: "gpt2"}, {Key: "tokenizer.ggml.pre", Value: "tekken"},
		{Key: "tokenizer.ggml.tokens", Value: tokens}, {Key: "tokenizer.ggml.token_type", Value: kinds},
		{Key: "tokenizer.ggml.merges", Value: []string{bytes[0] + " " + bytes[1]}},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)}, {Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
	}
}

// spellings are GPT-2's characters for the 256 bytes: printable ones stand for
// themselves, the others for characters from U+0100 on.
func spellings() (list [256]string) {
	next := rune(0x100)
	for b := range list {
		if b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad {
			list[b] = string(rune(b))
			continue
		}
		list[b] = string(next)
		next++
	}
	return list
}
