package i18n

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every sentence of the window's code has a translation in every language, with
// the same values in the same order; none is left over from earlier code.
func TestEveryLanguageIsComplete(t *testing.T) {
	sentences := inCode(t, "../..")
	if len(sentences) < 100 {
		t.Fatalf("only %d sentences were found in the code; the search is broken", len(sentences))
	}
	for _, language := range Languages[1:] {
		translated, err := Read(language.Code)
		if err != nil {
			t.Fatal(err)
		}
		for sentence := range sentences {
			got, ok := translated[sentence]
			switch {
			case !ok || strings.TrimSpace(got) == "":
				t.Errorf("%s lacks %q", language.Code, sentence)
			case !slices.Equal(values(got), values(sentence)):
				t.Errorf("%s: %q has other values than %q", language.Code, got, sentence)
			}
		}
		for sentence := range translated {
			if !sentences[sentence] {
				t.Errorf("%s translates %q, which no code says", language.Code, sentence)
			}
		}
	}
}

// values are the places that Sprintf fills.
func values(s string) []string {
	return regexp.MustCompile(`%[a-z%]`).FindAllString(s, -1)
}

// inCode finds the first argument of every words.T below a folder, whatever its
// build tags.
func inCode(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".html") {
			return inPage(path, found)
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isT(call) {
				if literal, ok := call.Args[0].(*ast.BasicLit); ok {
					if sentence, err := strconv.Unquote(literal.Value); err == nil {
						found[sentence] = true
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// inPage finds what a page's template says: {{T "…"}}.
func inPage(path string, found map[string]bool) error {
	page, err := os.ReadFile(path)
	for _, said := range regexp.MustCompile(`[{( ]T ("(?:[^"\\]|\\.)*")`).FindAllSubmatch(page, -1) {
		sentence, fault := strconv.Unquote(string(said[1]))
		found[sentence], err = true, errors.Join(err, fault)
	}
	return err
}

func isT(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "T" || len(call.Args) == 0 {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "i18n"
}

func TestUse(t *testing.T) {
	t.Cleanup(func() { Use("en") })
	if Use("de"); T("context %s of %s", "1", "2") != "Kontext 1 von 2" {
		t.Errorf("German says %q", T("context %s of %s", "1", "2"))
	}
	if In().Name != "Deutsch" {
		t.Errorf("the language is %+v", In())
	}
	if Use("tlh"); T("Settings") != "Settings" || In().Code != "en" {
		t.Errorf("a language that is not there says %q", T("Settings"))
	}
}
