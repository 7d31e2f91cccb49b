package chattemplate

import (
	"fmt"

	"sirocco/model/tokenizer"
)

// version is the template's number, which is the tokenizer's.
type version int

// template holds the special ids of one tokenizer and the number of its rules.
type template struct {
	version                   version
	bos, eos                  int32
	user, endUser             int32
	system, endSystem         int32
	tools, endTools           int32
	result, content, endGiven int32 // [TOOL_RESULTS] [TOOL_CONTENT] [/TOOL_RESULTS]
	calls, args, callID       int32
	img, imgBreak, imgEnd     int32
	think, endThink           int32 // 0 where the model does not think
}

// thinking reports whether the model thinks.
func (t *template) thinking() bool { return t.think != 0 && t.endThink != 0 }

// Check reports why a vocabulary's model cannot be talked to: its chat template is not
// one that is known here. Continuing tokens needs none.
func Check(tok *tokenizer.Tokenizer) error {
	_, err := templateFor(tok)
	return err
}

// templateFor reads the special ids that the tokenizer's template needs.
func templateFor(tok *tokenizer.Tokenizer) (*template, error) {
	t := &template{}
	switch tok.Version() {
	case "v7":
		t.version = 7
	case "v11":
		t.version = 11
	case "v13":
		t.version = 13
	default:
		return nil, fmt.Errorf("the tokenizer is of version %q, as that of %s, whose chat template is not known here; "+
			"use a model with a template of version v7, v11 or v13 (Mistral Small 3.0 to 3.2, Devstral Small 1, Magistral Small)", tok.Version(), family(tok.Version()))
	}
	for name, id := range t.names() {
		var ok bool
		if *id, ok = tok.Special(name); !ok {
			return nil, fmt.Errorf("the tokenizer says it is of version %s but has no special token %s; "+
				"the tekken.json is damaged or of another model", tok.Version(), name)
		}
	}
	if t.version >= 13 {
		t.think, _ = tok.Special("[THINK]")
		t.endThink, _ = tok.Special("[/THINK]")
	}
	return t, nil
}

// family names the models of a version of the template, for people.
func family(version string) string {
	switch version {
	case "v1", "v2":
		return "Mistral 7B and Mixtral"
	case "v3":
		return "Mistral Nemo, Ministral 8B and Pixtral 12B"
	}
	return "some other model"
}

func (t *template) names() map[string]*int32 {
	names := map[string]*int32{
		"<s>": &t.bos, "</s>": &t.eos,
		"[INST]": &t.user, "[/INST]": &t.endUser,
		"[SYSTEM_PROMPT]": &t.system, "[/SYSTEM_PROMPT]": &t.endSystem,
		"[AVAILABLE_TOOLS]": &t.tools, "[/AVAILABLE_TOOLS]": &t.endTools,
		"[TOOL_RESULTS]": &t.result, "[TOOL_CONTENT]": &t.content, "[/TOOL_RESULTS]": &t.endGiven,
		"[TOOL_CALLS]": &t.calls,
		"[IMG]":        &t.img, "[IMG_BREAK]": &t.imgBreak, "[IMG_END]": &t.imgEnd,
	}
	if t.version >= 11 {
		names["[ARGS]"] = &t.args
		names["[CALL_ID]"] = &t.callID
	}
	return names
}
