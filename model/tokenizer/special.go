package tokenizer

import (
	"errors"
	"fmt"
)

// unlisted are the special tokens of a v3 or v7 file without the list special_tokens, by id.
// Source: Tekkenizer.DEPRECATED_SPECIAL_TOKENS of mistral-common.
var unlisted = []string{
	"<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
	"[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]",
	"[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
}

// readSpecials reads the list special_tokens; null means that there is none.
func (f *file) readSpecials() error {
	if f.null() {
		return nil
	}
	f.tokens = []string{}
	err := f.array(func(i int) error {
		name, err := f.readSpecial(i)
		if err != nil {
			return at(fmt.Sprintf("[%d]", i), err)
		}
		f.tokens = append(f.tokens, name)
		return nil
	})
	return at("special_tokens", err)
}

// readSpecial reads one element. is_control is checked and then ignored, as the reference does: every special
// token is kept out of decoded text.
func (f *file) readSpecial(i int) (name string, err error) {
	rank, named := int64(-1), false
	err = f.object(func(key []byte) (err error) {
		switch string(key) {
		case "rank":
			rank, err = f.integer()
		case "token_str":
			name, err = f.word()
			named = true
		case "is_control":
			err = f.boolean()
		default:
			return f.skip()
		}
		return at(string(key), err)
	})
	switch {
	case err != nil:
	case !named:
		err = errors.New("token_str is missing")
	case rank != int64(i):
		err = fmt.Errorf("rank of %.40q is not %d; special tokens must be listed in the order of their ids, without gaps", name, i)
	}
	return name, err
}

// specialNames gives the names of all special ids: those listed, then <SPECIAL_20> and so on.
func (f *file) specialNames() ([]string, error) {
	listed := f.tokens
	if listed == nil {
		if generation(f.config.version) > 7 {
			return nil, fmt.Errorf("the list is missing, and %s files must have it", f.config.version)
		}
		listed = unlisted
	}
	count := f.config.specials
	if len(listed) > count {
		return nil, fmt.Errorf("%d are listed, but config.default_num_special_tokens is %d", len(listed), count)
	}
	names := append(make([]string, 0, count), listed...)
	for id := len(names); id < count; id++ {
		names = append(names, fmt.Sprintf("<SPECIAL_%d>", id))
	}
	first := make(map[string]int, count)
	for id, name := range names {
		if other, ok := first[name]; ok {
			return nil, fmt.Errorf("ids %d and %d have the same name %.40q", other, id, name)
		}
		first[name] = id
	}
	return names, nil
}

// boolean reads true or false.
func (r *reader) boolean() error {
	r.peek()
	for _, word := range []string{"true", "false"} {
		if end := r.pos + len(word); end <= len(r.data) && string(r.data[r.pos:end]) == word {
			r.pos = end
			return nil
		}
	}
	return r.fail("true or false")
}
