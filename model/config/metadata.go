package config

import (
	"strconv"

	"sirocco/model/checkpoint/gguf"
)

// metadata reads keys under one prefix and keeps the first thing that is wrong, as fields does for JSON.
type metadata struct {
	file   *gguf.File
	prefix string // "llama."
	err    *error
}

func (m metadata) fail(format string, args ...any) { fields{err: m.err}.fail(format, args...) }

func (m metadata) has(key string) bool {
	_, ok := m.file.Get(m.prefix + key)
	return ok
}

func (m metadata) int(key string) int {
	if !m.has(key) {
		m.fail("%s%s is missing; this file does not describe the whole model", m.prefix, key)
	}
	return m.intOr(key, 0)
}

func (m metadata) intOr(key string, otherwise int) int {
	value, ok := m.file.Get(m.prefix + key)
	if !ok {
		return otherwise
	}
	n, ok := value.Int()
	if !ok || int64(int(n)) != n {
		m.fail("%s%s is %s, not a whole number", m.prefix, key, value)
	}
	return int(n)
}

// same reads a number that may be written once for each layer, always the same.
func (m metadata) same(key string) int {
	value, _ := m.file.Get(m.prefix + key)
	if value.Len() == 0 {
		return m.int(key)
	}
	first, some := int64(0), false
	for element := range value.All() {
		n, ok := element.Int()
		if !ok || some && n != first {
			m.fail("%s%s differs from layer to layer (%s and %d); all layers must be alike", m.prefix, key, element, first)
			return 0
		}
		first, some = n, true
	}
	return int(first)
}

func (m metadata) float(key string) float64 {
	if !m.has(key) {
		m.fail("%s%s is missing; this file does not describe the whole model", m.prefix, key)
	}
	return m.floatOr(key, 0)
}

// floatOr reads a float32 as the decimal number somebody meant: 1e-5, not 9.99999974e-06.
func (m metadata) floatOr(key string, otherwise float64) float64 {
	value, ok := m.file.Get(m.prefix + key)
	if !ok {
		return otherwise
	}
	x, ok := value.Float()
	if !ok {
		m.fail("%s%s is %s, not a number with a fraction", m.prefix, key, value)
		return otherwise
	}
	meant, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', -1, 32), 64)
	if err != nil {
		return x
	}
	return meant
}

func (m metadata) textOr(key, otherwise string) string {
	value, ok := m.file.Get(m.prefix + key)
	if !ok {
		return otherwise
	}
	text, ok := value.Text()
	if !ok {
		m.fail("%s%s is %s, not a text", m.prefix, key, value)
	}
	return clip(text)
}

func (m metadata) flag(key string) bool {
	value, ok := m.file.Get(m.prefix + key)
	if !ok {
		return false
	}
	set, ok := value.Bool()
	if !ok {
		m.fail("%s%s is %s, neither true nor false", m.prefix, key, value)
	}
	return set
}

// headDim is the stated head size, or the width shared out over the heads.
func (m metadata) headDim(key string, width, heads int) int {
	if m.has(key) {
		return m.int(key)
	}
	if heads <= 0 || width%heads != 0 {
		m.fail("%s%s is missing and a width of %d cannot be shared out over %d heads", m.prefix, key, width, heads)
		return 0
	}
	return width / heads
}
