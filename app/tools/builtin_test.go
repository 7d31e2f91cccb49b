package tools

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sirocco/model/schema"
)

func use(t *testing.T, tool Tool, arguments string) Output {
	t.Helper()
	var k checks
	if fault, note := k.fault(&tool, arguments); fault != "" || note != "" {
		t.Fatalf("%s%s: %s%s", tool.Name, arguments, fault, note)
	}
	out, err := tool.Run(context.Background(), Call{Arguments: arguments, Progress: func(float64, float64, string) {}})
	if err != nil {
		t.Fatalf("%s%s: %v", tool.Name, arguments, err)
	}
	return out
}

func TestCalculator(t *testing.T) {
	for expression, want := range map[string]string{
		"1+2*3": "7", "(1+2)*3": "9", "2^3^2": "512", "-2^2": "-4", "2**10": "1024", "10/4": "2.5", "0.1+0.2": "0.3",
		"1/3": "0.333333333333333", "7%3": "1", "-7%3": "2", "5!": "120", "sqrt(2.25)": "1.5", "sqrt(2)": "1.4142135623731",
		"1e3": "1000", "6.02e+23": "602000000000000000000000", "max(1, 5, 3)": "5", "min(2,1)": "1", "round(2.5)": "3", "round(-2.5)": "-3",
		"round(2.4)": "2", "floor(-2.5)": "-3", "ceil(-2.5)": "-2", "ceil(2.1)": "3", "abs(-3)": "3", "2^-2": "0.25", "3 × 4 ÷ 2": "6",
		"cos(pi)": "-1", "2^0.5": "1.4142135623731", "100!/98!": "9900", "2e": "?", "1/0": "?", "(1": "?", "": "?", "foo(1)": "?", "x": "?",
		"1 2": "?", "sqrt(-1)": "?", "1e999999999": "?", "9^9^9^9": "?", "99999!": "?", "1.2.3": "?", "sin()": "?", "2^100": "1267650600228229401496703205376",
	} {
		got, err := calculate(expression)
		if err != nil {
			got = "?"
		}
		if got != want {
			t.Errorf("%s = %s (%v), want %s", expression, got, err, want)
		}
	}
}

func FuzzCalculate(f *testing.F) {
	for _, seed := range []string{"1+2", "((((", "2^9999", "9!!!", "-+-1", "1e-400", "min(1,", "√2", "1e1e1", ".", "0x1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		value, err := calculate(expression)
		if (value == "") == (err == nil) {
			t.Errorf("%q gives %q, %v", expression, value, err)
		}
	})
}

func TestClock(t *testing.T) {
	tool := clock(func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) })
	if got := use(t, tool, `{}`).Text; got != "Tuesday, 2026-02-03 04:05:06 +00:00 UTC" {
		t.Error(got)
	}
	if out := use(t, tool, `{"time_zone":"Moon/Crater"}`); !out.Failed {
		t.Errorf("%+v", out)
	}
}

// The schemas of the built-in tools can be enforced.
func TestBuiltinSchemas(t *testing.T) {
	for _, tool := range append(Builtin(), ReadFiles("a", "b/a")) {
		if _, err := schema.Compile(tool.Parameters, schema.Options{Object: true}); err != nil || !json.Valid(tool.Parameters) {
			t.Errorf("%s: %v", tool.Name, err)
		}
	}
}

// Only what the user chose can be read, under the name it has.
func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tool := ReadFiles(write("notes.txt", []byte("one two")), write("map.png", picture()), write("long.txt", make([]byte, maxRead+10)))
	if out := use(t, tool, `{"file":"notes.txt","offset":4}`); out.Text != "two" {
		t.Errorf("%+v", out)
	}
	if out := use(t, tool, `{"file":"map.png"}`); len(out.Pictures) != 1 {
		t.Errorf("%+v", out)
	}
	if out := use(t, tool, `{"file":"long.txt"}`); len(out.Text) != maxRead || len(out.Notes) != 1 {
		t.Errorf("%d bytes, %v", len(out.Text), out.Notes)
	}
	var k checks
	for _, name := range []string{"../notes.txt", "/etc/passwd", filepath.Join(dir, "notes.txt")} {
		arguments, _ := json.Marshal(map[string]string{"file": name})
		if fault, _ := k.fault(&tool, string(arguments)); fault == "" {
			t.Errorf("%s may be read", name)
		}
	}
}

// A program gets its arguments as JSON and no shell sees them.
func TestCommands(t *testing.T) {
	run := func(ctx context.Context, arguments string, command ...string) (Output, error) {
		return CommandSpec{Name: "c", Command: command, Env: map[string]string{"CITY": "Zürich"}}.run(ctx, Call{Arguments: arguments})
	}
	ctx := context.Background()
	if out, err := run(ctx, `{"a":"$(id); rm -rf /"}`, "cat"); err != nil || out.Text != `{"a":"$(id); rm -rf /"}` {
		t.Errorf("%+v, %v", out, err)
	}
	t.Setenv("SIROCCO_REMOTE_KEY", "secret")
	if out, _ := run(ctx, "{}", "env"); !strings.Contains(out.Text, "CITY=Zürich") || strings.Contains(out.Text, "secret") {
		t.Errorf("the environment is %s", out.Text)
	}
	if out, err := run(ctx, "{}", "sh", "-c", "echo partly; echo why >&2; exit 4"); err != nil || !out.Failed ||
		!strings.Contains(out.Text, "exit status 4") || !strings.Contains(out.Text, "partly") || !strings.Contains(out.Text, "why") {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := run(ctx, "{}", "head", "-c", "5000000", "/dev/zero"); err != nil || len(out.Text) != maxPrinted || len(out.Notes) != 1 {
		t.Errorf("%d bytes, %v, %v", len(out.Text), out.Notes, err)
	}
	if _, err := run(ctx, "{}", "no-such-program-anywhere"); err == nil {
		t.Error("a program that is not there ran")
	}
	brief, stop := context.WithTimeout(ctx, 50*time.Millisecond)
	defer stop()
	if _, err := run(brief, "{}", "sh", "-c", "sleep 3600 & sleep 3600"); err == nil {
		t.Error("a program that hangs ended well")
	}
}
