package crash

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A fault is caught, written down with its stack, and told of.
func TestFaultIsCaught(t *testing.T) {
	told := make(chan string, 3)
	if earlier := Begin(t.TempDir(), func(report string) { told <- report }); earlier != "" {
		t.Errorf("an empty folder tells of %s", earlier)
	}
	defer End()
	var none *strings.Builder
	faulty := func() { none.WriteString("x") }
	Go(faulty)
	data, err := os.ReadFile(<-told)
	if err != nil || !strings.Contains(string(data), "nil pointer") || !strings.Contains(string(data), "TestFaultIsCaught") {
		t.Errorf("the report is %q, %v", data, err)
	}
	Call(faulty) // caught, and not told: the first report is enough for a while
	if err := Try(func() error { faulty(); return nil }); err == nil || !strings.Contains(err.Error(), "fault of the program") {
		t.Errorf("got %v", err)
	}
	if len(told) != 0 {
		t.Error("a fault that comes with every frame is reported every time")
	}
	want := errors.New("own")
	if err := Try(func() error { return want }); err != want {
		t.Errorf("an ordinary error became %v", err)
	}
}

// A fault that ends the process is told of at the next start, once.
func TestFatalFaultIsToldAtTheNextStart(t *testing.T) {
	if folder := os.Getenv("CRASH_TEST_FOLDER"); folder != "" {
		Begin(folder, nil)
		go func() { panic("nobody catches this") }()
		select {}
	}
	folder := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=TestFatalFaultIsToldAtTheNextStart$")
	child.Env = append(os.Environ(), "CRASH_TEST_FOLDER="+folder)
	if err := child.Run(); err == nil {
		t.Fatal("the child did not die")
	}
	earlier := Begin(folder, nil)
	data, err := os.ReadFile(earlier)
	if err != nil || !strings.Contains(string(data), "nobody catches this") {
		t.Errorf("the report is %q, %v", data, err)
	}
	End()
	if again := Begin(folder, nil); again != "" {
		t.Errorf("it is told twice: %s", again)
	}
	End()
}

// No goroutine of the window's can be started without its net.
func TestEveryGoroutineIsCaught(t *testing.T) {
	for _, folder := range []string{"../view", "../ui", "../inspect"} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if _, bare := n.(*ast.GoStmt); bare {
					t.Errorf("%s starts a goroutine with go; crash.Go catches its faults", path)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
