package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sirocco/model/schema/schematest"
)

// byteTokens is the smallest vocabulary: a token per byte, 256 ends the text.
type byteTokens struct{}

func (byteTokens) VocabSize() int { return 257 }

func (byteTokens) Bytes(id int32) []byte {
	if id > 255 {
		return nil
	}
	return eachByte[id : id+1]
}

var eachByte = func() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}()

// byByte is shared by the tests: a vocabulary is safe for concurrent use.
var byByte = NewVocabulary(byteTokens{}, 256)

// accepts feeds a text byte by byte, asking the mask before each, and then for the end.
func accepts(s *Schema, text string) bool {
	m := s.Start(byByte)
	defer m.Release()
	mask := make([]uint32, byByte.Words())
	for _, b := range []byte(text) {
		if m.Mask(mask); mask[b>>5]>>(b&31)&1 == 0 {
			return false
		}
		if m.Accept(int32(b)) != nil {
			return false
		}
	}
	m.Mask(mask)
	return mask[256>>5]&1 == 1
}

// in names the draft in the schema where the suite leaves that to the directory.
func in(draft string, schema json.RawMessage) json.RawMessage {
	var m map[string]json.RawMessage
	if draft != "draft7" || json.Unmarshal(schema, &m) != nil || m["$schema"] != nil {
		return schema
	}
	m["$schema"] = json.RawMessage(`"http://json-schema.org/draft-07/schema#"`)
	out, _ := json.Marshal(m)
	return out
}

// apart are the files about what no single document decides (remote schemas, dynamic scope, meta-vocabularies), about
// annotations, and about unevaluated*, counted by themselves.
func apart(file string) string {
	for _, prefix := range []string{"optional/format/", "unevaluated", "refRemote", "dynamicRef", "vocabulary", "content", "format"} {
		if strings.HasPrefix(file, prefix) {
			return prefix
		}
	}
	return "core"
}

// mustHold are the parts where a wrong answer may not happen; in the others formats and contents are annotations that the
// suite wants ignored, and we enforce.
var mustHold = map[string]bool{"core": true, "optional/format/": true, "unevaluated": true, "dynamicRef": true, "refRemote": true}

// Of every schema that compiles, all valid instances must be accepted and all invalid ones refused. A schema that says it has no
// value at all counts as compiled: it must have no valid instance.
func TestSuite(t *testing.T) {
	for draft, files := range schematest.Suite(t, "testdata/suite.json.gz") {
		total, compiled := map[string]int{}, map[string]int{}
		for file, groups := range files {
			part := apart(file)
			for _, g := range groups {
				total[part] += len(g.Tests)
				s, err := Compile(in(draft, g.Schema), Options{})
				if err != nil && !errors.Is(err, ErrEmpty) {
					continue
				}
				compiled[part] += len(g.Tests)
				if !mustHold[part] {
					continue
				}
				for _, c := range g.Tests {
					if got := err == nil && accepts(s, string(c.Data)); got != c.Valid {
						t.Errorf("%s/%s: %s: %s: %s answered %v", draft, file, g.Description, c.Description, c.Data, got)
					}
				}
			}
		}
		for part, n := range total {
			t.Logf("%s %s: %d of %d cases have a schema that compiles (%.1f %%)", draft, part, compiled[part], n, 100*float64(compiled[part])/float64(n))
		}
		if share := float64(compiled["core"]) / float64(total["core"]); share < 0.92 {
			t.Errorf("%s: only %.1f %% of the core cases compile", draft, 100*share)
		}
	}
}
