package origin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// users are the packages that make HTTP clients, each with New.
var users = []string{"app/inspect", "app/library/pull", "app/remote", "app/serve", "app/tools", "app/tools/signin"}

// makers are the names of net/http that are or make a client. A pointer to a Client
// or a Transport makes none.
var makers = []string{"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head"}

// Every client of the program is one of New: a new one cannot be forgotten.
func TestEveryClient(t *testing.T) {
	var found []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		short := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if d.IsDir() && (short == "tools" || short == "app/origin" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		uses, bypasses := clients(file)
		if folder := filepath.ToSlash(filepath.Dir(short)); uses && !slices.Contains(found, folder) {
			found = append(found, folder)
		}
		for _, name := range bypasses {
			t.Errorf("%s has http.%s; clients are made by app/origin, so that keys stay where they were given", short, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(found); !slices.Equal(found, users) {
		t.Errorf("clients are made in %v, known are %v", found, users)
	}
}

// clients finds what makes HTTP clients in a file: by New, and otherwise.
func clients(file *ast.File) (uses bool, bypasses []string) {
	web, ours := "", ""
	for _, imported := range file.Imports {
		local := ""
		if imported.Name != nil {
			local = imported.Name.Name
		}
		switch imported.Path.Value {
		case `"net/http"`:
			web = local
			if web == "" {
				web = "http"
			}
		case `"sirocco/app/origin"`:
			ours = local
			if ours == "" {
				ours = "origin"
			}
		}
	}
	pointed := map[ast.Node]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if star, ok := n.(*ast.StarExpr); ok {
			pointed[star.X] = true
		}
		s, ok := n.(*ast.SelectorExpr)
		if !ok || pointed[s] {
			return true
		}
		of, ok := s.X.(*ast.Ident)
		switch {
		case !ok:
		case of.Name == web && slices.Contains(makers, s.Sel.Name):
			bypasses = append(bypasses, s.Sel.Name)
		case of.Name == ours && s.Sel.Name == "New":
			uses = true
		}
		return true
	})
	if web == "." {
		bypasses = append(bypasses, "*")
	}
	return uses, bypasses
}
