package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type object = map[string]any

// tiny is a whole tekken.json of 256 bytes and three merges with 20 special tokens; edit may spoil it.
func tiny(edit func(file object)) []byte {
	vocab := []any{}
	for i := range 256 {
		vocab = append(vocab, object{"rank": i, "token_bytes": []byte{byte(i)}, "token_str": nil})
	}
	for i, s := range []string{"ab", "bc", "abc"} {
		vocab = append(vocab, object{"rank": 256 + i, "token_bytes": []byte(s), "token_str": s})
	}
	special := []any{}
	for i, name := range unlisted {
		special = append(special, object{"rank": i, "token_str": name, "is_control": true})
	}
	file := object{
		"config": object{"pattern": Pattern, "num_vocab_tokens": 259, "default_vocab_size": 281,
			"default_num_special_tokens": 22, "version": "v11"},
		"vocab":          vocab,
		"special_tokens": special,
		"image":          object{"image_patch_size": 14, "max_image_size": 1540, "spatial_merge_size": 2},
	}
	if edit != nil {
		edit(file)
	}
	data, _ := json.Marshal(file)
	return data
}

func entryOf(file object, list string, i int) object { return file[list].([]any)[i].(object) }

func setConfig(name string, value any) func(object) {
	return func(file object) { file["config"].(object)[name] = value }
}

func setEntry(i int, name string, value any) func(object) {
	return func(file object) { entryOf(file, "vocab", i)[name] = value }
}

func setSpecial(i int, name string, value any) func(object) {
	return func(file object) { entryOf(file, "special_tokens", i)[name] = value }
}

func TestParseTiny(t *testing.T) {
	tok, err := Parse(tiny(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("abcbc"); !slices.Equal(got, []int32{22 + 258, 22 + 257}) {
		t.Errorf("Encode(abcbc) = %v", got)
	}
	if id, ok := tok.Special("<SPECIAL_21>"); !ok || id != 21 { // 20 are listed, the file says 22
		t.Errorf("the filler has id %d, %v", id, ok)
	}
}

// The blocks may stand in any order, and files of different age differ in what they hold.
func TestParseVersions(t *testing.T) {
	noList := func(file object) { delete(file, "special_tokens") }
	oldName := func(file object) { file["multimodal"] = file["image"]; delete(file, "image") }
	for name, edit := range map[string]func(object){
		"v3 without special_tokens": func(f object) { setConfig("version", "v3")(f); noList(f); delete(f, "image") },
		"v7 with null for them":     func(f object) { setConfig("version", "v7")(f); f["special_tokens"] = nil; oldName(f) },
		"v11 with multimodal":       oldName,
		"v11 with both names":       func(f object) { f["multimodal"] = nil },
		"v13 with image":            setConfig("version", "v13"),
		"v13 with empty multimodal": func(f object) { setConfig("version", "v13")(f); f["multimodal"] = object{} },
		"audio and unknown blocks":  func(f object) { f["audio"] = object{"x": []any{1.5, true, nil, "s\n"}}; f["new"] = -1e9 },
		"entries beyond the cut":    setConfig("default_vocab_size", 279),
	} {
		tok, err := Parse(tiny(edit))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if id, ok := tok.Special("[TOOL_CONTENT]"); !ok || id != 19 {
			t.Errorf("%s: [TOOL_CONTENT] is %d, %v", name, id, ok)
		}
	}
}

func TestParseVocabBeforeConfig(t *testing.T) {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(tiny(nil), &blocks); err != nil {
		t.Fatal(err)
	}
	text := "{"
	for _, name := range []string{"vocab", "special_tokens", "image", "config"} {
		text += `"` + name + `": ` + string(blocks[name]) + ", "
	}
	tok, err := Parse([]byte(strings.TrimSuffix(text, ", ") + "}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("ab"); !slices.Equal(got, []int32{22 + 256}) {
		t.Errorf("Encode(ab) = %v", got)
	}
}

// A file that lies is refused in a sentence that names the field.
func TestParseRefuses(t *testing.T) {
	for want, edit := range map[string]func(object){
		"config is missing":                                  func(f object) { delete(f, "config") },
		"vocab is missing":                                   func(f object) { delete(f, "vocab") },
		"config.version is \"v99\"":                          setConfig("version", "v99"),
		"config.version: a string expected":                  setConfig("version", 11),
		"config.pattern is not the split pattern":            setConfig("pattern", `\w+`),
		"config.default_vocab_size: 1073741824 is more than": setConfig("default_vocab_size", 1<<30),
		"config.default_vocab_size: a smaller number":        setConfig("default_vocab_size", json.Number("9223372036854775808")),
		"config.default_vocab_size: a whole number":          setConfig("default_vocab_size", -1),
		"config.default_vocab_size is missing":               func(f object) { delete(f["config"].(object), "default_vocab_size") },
		"config.default_vocab_size is 277":                   setConfig("default_vocab_size", 277),
		"vocab has 259 entries, but config":                  setConfig("default_vocab_size", 282),
		"config.default_num_special_tokens: 1000000 is more": setConfig("default_num_special_tokens", 1_000_000),
		"config.default_num_special_tokens is missing":       func(f object) { delete(f["config"].(object), "default_num_special_tokens") },
		"config: an object expected":                         func(f object) { f["config"] = "v11" },
		"vocab: a list expected":                             func(f object) { f["vocab"] = object{} },
		"vocab[7]: an object expected":                       func(f object) { f["vocab"].([]any)[7] = 7 },
		"vocab[5]: rank is 6; ranks must count up":           setEntry(5, "rank", 6),
		"vocab[5].rank: a whole number":                      setEntry(5, "rank", 5.5),
		"vocab[257]: rank is missing":                        func(f object) { delete(entryOf(f, "vocab", 257), "rank") },
		"vocab[257]: token_bytes is missing":                 func(f object) { delete(entryOf(f, "vocab", 257), "token_bytes") },
		"vocab[257].token_bytes: a string expected":          setEntry(257, "token_bytes", nil),
		"vocab[257]: token_bytes is not base64":              setEntry(257, "token_bytes", "a b!"),
		"vocab[257]: token_bytes is empty":                   setEntry(257, "token_bytes", ""),
		"vocab[258]: token_bytes is empty or too long":       setEntry(258, "token_bytes", make([]byte, 2000)),
		"vocab[65]: token_bytes is \"B\"":                    setEntry(65, "token_bytes", "Qg=="),
		"vocab[258] has the same bytes as vocab[256]":        setEntry(258, "token_bytes", []byte("ab")),
		"special_tokens: the list is missing, and v11":       func(f object) { delete(f, "special_tokens") },
		"special_tokens: a list expected":                    func(f object) { f["special_tokens"] = "none" },
		"special_tokens[3]: rank of \"[INST]\" is not 3":     setSpecial(3, "rank", 4),
		"special_tokens[3].token_str: a string expected":     setSpecial(3, "token_str", 3),
		"special_tokens[3]: token_str is missing":            func(f object) { delete(entryOf(f, "special_tokens", 3), "token_str") },
		"special_tokens[3].is_control: true or false":        setSpecial(3, "is_control", "yes"),
		"special_tokens: ids 1 and 3 have the same name":     setSpecial(3, "token_str", "<s>"),
		"special_tokens: 20 are listed, but config": func(f object) {
			setConfig("default_num_special_tokens", 19)(f)
			setConfig("default_vocab_size", 278)(f)
		},
		"image.max_image_size: a whole number": func(f object) { f["image"].(object)["max_image_size"] = -5 },
		"image needs image_patch_size":         func(f object) { delete(f["image"].(object), "image_patch_size") },
		"image: an object expected":            func(f object) { f["image"] = 14 },
		"multimodal is the name of the image block up to v11": func(f object) {
			setConfig("version", "v13")(f)
			f["multimodal"] = f["image"]
		},
	} {
		if _, err := Parse(tiny(edit)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}

func TestParseRefusesBrokenText(t *testing.T) {
	whole := string(tiny(nil))
	for want, text := range map[string]string{
		"cut off":                   whole[:len(whole)/2],
		"behind the end":            whole + "x",
		"an object expected":        "[1, 2]",
		"not UTF-8":                 "{\"config\xff\": 1}",
		"nested more than":          `{"x":` + strings.Repeat("[", 100_000),
		"there twice":               `{"version": 1, "version": 2}`,
		"a value expected":          `{"x": nul}`,
		"a colon expected":          `{"x" 1}`,
		"a comma expected":          `{"x": 1 "y": 2}`,
		"a character of a string":   "{\"x\": \"\n\"}",
		"is not a JSON string":      `{"\x": 1}`,
		"config.default_vocab_size": `{"config": {"default_vocab_size": 1e5}}`,
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want an error about %q", text, err, want)
		}
	}
	for end := range len(whole) - 1 { // however it is cut, it is refused
		if end%97 == 0 {
			if _, err := Parse([]byte(whole[:end])); err == nil {
				t.Fatalf("a file cut at byte %d is accepted", end)
			}
		}
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	folder := t.TempDir()
	broken, missing := filepath.Join(folder, "broken.json"), filepath.Join(folder, "missing.json")
	if err := os.WriteFile(broken, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{broken, missing} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%s): %v", path, err)
		}
	}
}
