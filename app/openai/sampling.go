package openai

import (
	"encoding/json"
	"math"
	"strconv"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// sampling reads how tokens are drawn; what is not given keeps the model card's
// default.
func (r *Request) sampling(o object) error {
	s := chat.DefaultSampling()
	err := first(
		o.number("temperature", 0, 2, &s.Temperature),
		o.number("top_p", 0, 1, &s.TopP),
		o.number("min_p", 0, 1, &s.MinP),
		o.integer("top_k", -1, math.MaxInt32, &s.TopK),
		o.number("repetition_penalty", math.SmallestNonzeroFloat64, 10, &s.RepeatPenalty),
		o.number("presence_penalty", -2, 2, &s.PresencePenalty),
		o.number("frequency_penalty", -2, 2, &s.FrequencyPenalty),
		seed(o, &s.Seed),
		logitBias(o, &s),
	)
	if err != nil {
		return err
	}
	if r.Given["top_p"] && s.TopP == 0 {
		s.TopP = math.SmallestNonzeroFloat64 // 0 would mean off; asked for, it means the likeliest token alone
	}
	s.TopK = max(s.TopK, 0) // -1 is another way to say off
	r.Chat.Sampling = s
	return nil
}

// seed reads a 64-bit integer exactly, negative ones too.
func seed(o object, to *uint64) error {
	v, given := o.get("seed")
	if !given {
		return nil
	}
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil && v.Kind == pyjson.Int {
		*to = uint64(n)
		return nil
	}
	n, err := strconv.ParseUint(v.Text, 10, 64)
	if err != nil || v.Kind != pyjson.Int {
		return o.wrong("seed", v, "a whole number of at most 64 bits")
	}
	*to = n
	return nil
}

// logitBias reads {"token id": bias}.
func logitBias(o object, s *chat.Sampling) error {
	v, given := o.get("logit_bias")
	if !given {
		return nil
	}
	if v.Kind != pyjson.Object {
		return o.wrong("logit_bias", v, "an object of token ids and biases")
	}
	s.LogitBias = make(map[int32]float64, len(v.Members))
	for _, m := range v.Members {
		id, err := strconv.ParseInt(m.Key, 10, 32)
		if err != nil || id < 0 {
			return o.wrong("logit_bias", pyjson.Text(m.Key), "a token id as key")
		}
		bias, ok := asNumber(m.Value)
		if !ok || bias < -100 || bias > 100 {
			return o.wrong("logit_bias", m.Value, "a bias from -100 to 100")
		}
		s.LogitBias[int32(id)] = bias
	}
	return nil
}

// responseFormat reads {"type": "text" | "json_object" | "json_schema", …}.
func (r *Request) responseFormat(o object) error {
	return r.format(o, "response_format", r.jsonSchema)
}

// format reads the shape of the answer at key; schema reads what a json_schema
// holds, which each API writes in its own way.
func (r *Request) format(o object, key string, schema func(object) error) error {
	v, given := o.get(key)
	if !given {
		return nil
	}
	if v.Kind != pyjson.Object {
		return o.wrong(key, v, "an object with \"type\"")
	}
	format := o.child(key, v)
	var kind string
	if err := format.needText("type", &kind); err != nil {
		return err
	}
	switch kind {
	case "text":
	case "json_object":
		r.Chat.Schema = json.RawMessage(`{"type": "object"}`)
		if _, given := format.get("schema"); given { // as llama.cpp's clients send it
			return r.schema(format)
		}
	case "json_schema":
		return schema(format)
	default:
		return format.fault("type", "is %s; text, json_object or json_schema was expected", brief(pyjson.Text(kind)))
	}
	return nil
}

func (r *Request) jsonSchema(format object) error {
	v, given := format.get("json_schema")
	if !given || v.Kind != pyjson.Object {
		return format.missing("json_schema", "an object with \"schema\"")
	}
	return r.schema(format.child("json_schema", v))
}

// schema reads the JSON Schema of the answer from the object that holds it. Without
// one any JSON will do.
func (r *Request) schema(holder object) error {
	schema, given := holder.get("schema")
	if !given {
		r.Chat.Schema = json.RawMessage(`{}`)
		return nil
	}
	if schema.Kind != pyjson.Object {
		return holder.wrong("schema", schema, "a JSON Schema object")
	}
	r.Chat.Schema = json.RawMessage(schema.String())
	return nil
}
