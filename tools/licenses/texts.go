package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

func keyOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// marks are words that tell licences apart, the more particular first.
var marks = []struct{ name, words string }{
	{"GPL", "gnu general public license"},
	{"GPL", "gnu lesser general public license"},
	{"GPL", "gnu affero general public license"},
	{"Apache-2.0", "apache license version 2.0"},
	{"Apache-2.0", "apache license, version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"OFL-1.1", "sil open font license"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"Zlib", "this software is provided 'as-is', without any express or implied"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
	{"CC0-1.0", "cc0 1.0 universal"},
	{"CC-BY-4.0", "creative commons attribution 4.0"},
	{"CC-BY-4.0", "attribution 4.0 international"},
	{"BSD-3-Clause", "neither the name"},
	{"BSD-3-Clause", "names of its contributors may be used"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce the above copyright"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining"},
	{"MIT-0", "mit no attribution"},
	{"Bitstream-Vera", "bitstream vera"},
	{"blessing", "may you do good and not evil"},
	{"public domain", "public domain"},
}

// identify names a licence. A notice that is no licence has no name.
func identify(text string) (string, error) {
	plain := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, m := range marks {
		if !strings.Contains(plain, m.words) {
			continue
		}
		if m.name == "GPL" && !strings.Contains(plain, "mozilla public license") { // which only mentions it
			return "", errors.New("this is a licence of the GPL's family; it must not be linked in")
		}
		if m.name != "GPL" {
			return m.name, nil
		}
	}
	if len(plain) < 2000 && !strings.Contains(plain, "licen") {
		return "", nil
	}
	return "", errors.New("this licence is not known here; read it and add it to texts.go")
}
