package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Every goroutine is started by crash.Go, so that a fault in one ends it alone.
func TestNoGoroutineWithoutGuard(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		seen++
		if filepath.Dir(path) == "crash" {
			return nil
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine by itself; crash.Go catches its faults", files.Position(g.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 50 {
		t.Fatalf("%d files were read, %v", seen, err)
	}
}
