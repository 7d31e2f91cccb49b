package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The same questions, asked of the miniature here and through a server, get the
// same answers; a second run asks nothing.
func TestEval(t *testing.T) {
	all, err := os.ReadFile("../assets/samples/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	var chosen []string
	for _, line := range strings.Split(string(all), "\n") {
		for _, id := range []string{`"number"`, `"chart-lowest"`, `"hello-no-call"`} {
			if strings.Contains(line, id) {
				chosen = append(chosen, line)
			}
		}
	}
	for _, picture := range []string{"number.jpg", "chart.png"} { // they are looked for beside the file
		data, err := os.ReadFile(filepath.Join("../assets/samples", picture))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, picture), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, out := filepath.Join(folder, "questions.jsonl"), filepath.Join(folder, "results.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(chosen, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	here := evaluated(t, "eval", "--json", "--max-tokens=40", "--out", out, file)
	there := evaluated(t, "eval", "--json", "--max-tokens=40", "--remote", serving(t), "--jobs=2", file)
	again := evaluated(t, "eval", "--json", "--max-tokens=40", "--out", out, file)
	if here.Questions != 3 || here.Judged != 3 || here.Errors != 0 || here.Low > here.Accuracy || here.High < here.Accuracy || here.TokensPerSec <= 0 {
		t.Errorf("%+v", here)
	}
	if there.Correct != here.Correct || there.Tokens != here.Tokens || there.Prompt != here.Prompt {
		t.Errorf("here %+v, through the server %+v", here, there)
	}
	if again.Correct != here.Correct || again.TokensPerSec != 0 {
		t.Errorf("the second run gave %+v", again)
	}
}

type evalReport struct {
	Questions, Judged, Correct, Errors int
	Accuracy, Low, High                float64
	Tokens                             int     `json:"completion_tokens"`
	Prompt                             int     `json:"prompt_tokens"`
	TokensPerSec                       float64 `json:"tokens_per_s"`
}

func evaluated(t *testing.T, args ...string) (report evalReport) {
	t.Helper()
	out, _ := run(t, exitDone, "", args...)
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// Files that hold no questions are sentences, not tables of nothing.
func TestEvalRefusals(t *testing.T) {
	if _, errs := run(t, exitFailed, "", "eval", "/no/such/file.jsonl"); !strings.Contains(errs, "no such file") {
		t.Errorf("%q", errs)
	}
	run(t, exitUsage, "", "eval", "--jobs", "0", "../assets/samples/questions.jsonl")
}
