package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// finding is one refused word.
type finding struct {
	file         string
	line         int
	what         string // "func", "comment"...
	word, better string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s %s: the field says %s", f.file, f.line, f.what, f.word, f.better)
}

// check reads a tree. Test data and what was (CHANGELOG) are left alone.
func check(root string, l *list) (found []finding, err error) {
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, file)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") || rel == "tools/vocabulary" {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(file) {
		case ".go":
			more, err := checkGo(file, rel, l)
			found = append(found, more...)
			return err
		case ".wgsl":
			if better := l.refused("shaders", strings.TrimSuffix(d.Name(), ".wgsl")); better != "" {
				found = append(found, finding{rel, 1, "kernel", d.Name(), better})
			}
			return checkText(file, rel, l, &found)
		case ".md":
			if rel == "CHANGELOG.md" || rel == "docs/glossary.md" {
				return nil
			}
			return checkText(file, rel, l, &found)
		}
		return nil
	})
	return found, err
}

func checkText(file, rel string, l *list, found *[]finding) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for n, line := range strings.Split(string(data), "\n") {
		*found = append(*found, spoken(rel, n+1, "text", line, l)...)
	}
	return nil
}

var word = regexp.MustCompile(`[A-Za-z]+`)

func spoken(rel string, line int, what, text string, l *list) (found []finding) {
	for _, w := range word.FindAllString(text, -1) {
		for _, key := range []string{w, strings.ToLower(w)} {
			if better, ok := l.spoken[key]; ok {
				found = append(found, finding{rel, line, what, w, better})
				break
			}
		}
	}
	return found
}

// checkGo looks at what a Go file declares and at its comments.
func checkGo(file, rel string, l *list) (found []finding, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	pkg := strings.TrimSuffix(f.Name.Name, "_test")
	declared := func(what string, id *ast.Ident) {
		if better := l.refused(pkg, id.Name); better != "" {
			found = append(found, finding{rel, fset.Position(id.Pos()).Line, what, id.Name, better})
		}
	}
	if better, ok := l.packages[pkg]; ok {
		found = append(found, finding{rel, fset.Position(f.Name.Pos()).Line, "package", pkg, better})
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			declared("func", n.Name)
		case *ast.TypeSpec:
			declared("type", n.Name)
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					declared("field", id)
				}
			}
		case *ast.InterfaceType:
			for _, method := range n.Methods.List {
				for _, id := range method.Names {
					declared("method", id)
				}
			}
		}
		return true
	})
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && (d.Tok == token.CONST || d.Tok == token.VAR) {
			for _, s := range d.Specs {
				for _, id := range s.(*ast.ValueSpec).Names {
					declared(d.Tok.String(), id)
				}
			}
		}
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			for n, line := range strings.Split(c.Text, "\n") {
				found = append(found, spoken(rel, fset.Position(c.Pos()).Line+n, "comment", line, l)...)
			}
		}
	}
	return found, nil
}
