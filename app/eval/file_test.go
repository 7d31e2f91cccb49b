package eval

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write makes a file for a test.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A record of each data set, as it is published, becomes the question that is
// meant.
func TestFormats(t *testing.T) {
	for name, c := range map[string]struct {
		file, content string
		format        string // "" is found out
		want          Question
	}{
		"ours": {"q.jsonl", `{"id": "x", "question": "Which?", "choices": ["red", "blue"], "answer": "blue"}`, "",
			Question{ID: "x", Text: "Which?", Choices: []string{"red", "blue"}, Match: MatchChoice, Answers: []string{"B"}}},
		"MMLU's table": {"q.csv", "What is 2+2?,3,4,5,22,B\n", "",
			Question{ID: "mmlu 1", Text: "What is 2+2?", Choices: []string{"3", "4", "5", "22"}, Match: MatchChoice, Answers: []string{"B"}}},
		"MMLU-Pro": {"q.jsonl", `{"question_id": 70, "question": "Which?", "options": ["a", "b", "c"], "answer": "C", "answer_index": 2, "category": "law"}`, "",
			Question{ID: "70", Group: "law", Text: "Which?", Choices: []string{"a", "b", "c"}, Match: MatchChoice, Answers: []string{"C"}}},
		"AI2D": {"q.jsonl", `{"question": "Which?", "options": ["a", "b"], "answer": "1", "image": {"bytes": null, "path": "/pictures/1.png"}}`, "",
			Question{ID: "ai2d 1", Text: "Which?", Choices: []string{"a", "b"}, Match: MatchChoice, Answers: []string{"B"}, Images: []Picture{{Path: "/pictures/1.png"}}}},
		"ChartQA": {"q.json", `[{"imgname": "/pictures/1.png", "query": "How many?", "label": "14", "human_or_machine": "human"}]`, "",
			Question{ID: "chartqa 1", Group: "human", Match: MatchRelaxed, Answers: []string{"14"}, Images: []Picture{{Path: "/pictures/1.png"}},
				Text: "How many?\nEnd with a line \"Answer: \" and the answer alone, a word or a number."}},
		"DocVQA": {"q.json", `{"data": [{"questionId": 7, "question": "Who?", "image": "/documents/x.png", "answers": ["Jane", "Jane Doe"]}]}`, "",
			Question{ID: "7", Match: MatchANLS, Answers: []string{"Jane", "Jane Doe"}, Images: []Picture{{Path: "/documents/x.png"}},
				Text: "Who?\nAnswer the question using a single word or phrase from the document."}},
		"MathVista": {"q.json", `{"2": {"pid": "2", "question": "How far?", "image": "/images/2.jpg", "choices": null, "unit": "km", "precision": 1.0, "answer": "1.2", "question_type": "free_form", "answer_type": "float", "metadata": {"task": "geometry"}}}`, "",
			Question{ID: "2", Group: "geometry", Match: MatchNumber, Answers: []string{"1.2"}, Images: []Picture{{Path: "/images/2.jpg"}},
				Text: "How far? (Unit: km)\nEnd with a line \"Answer: \" and the number."}},
		"HumanEval": {"q.jsonl", `{"task_id": "T/0", "prompt": "def f(x):\n    \"\"\"one more\"\"\"\n", "entry_point": "f", "canonical_solution": "", "test": "def check(candidate):\n    assert candidate(1) == 2\n"}`, "",
			Question{ID: "T/0", Match: MatchCode, Code: &Code{Prompt: "def f(x):\n    \"\"\"one more\"\"\"\n", Entry: "f", Test: "def check(candidate):\n    assert candidate(1) == 2\n"},
				Text: "Complete this Python function. Answer with the whole function in one block of code.\n\n```python\ndef f(x):\n    \"\"\"one more\"\"\"\n```"}},
		"MBPP": {"q.jsonl", `{"task_id": 11, "text": "Write f.", "code": "", "test_list": ["assert f(1) == 2"]}`, "",
			Question{ID: "11", Match: MatchCode, Code: &Code{Test: "assert f(1) == 2"},
				Text: "Write f.\nAnswer with Python in one block of code. It must pass:\n\n```python\nassert f(1) == 2\n```"}},
	} {
		questions, err := Load(write(t, c.file, c.content), c.format)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(*questions[0], c.want) {
			t.Errorf("%s became\n%+v, want\n%+v", name, *questions[0], c.want)
		}
	}
}

// GPQA's answers are put into an order that does not tell, the same every time.
func TestGPQA(t *testing.T) {
	table := "Record ID,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3\nr1,Which?,right,w1,w2,w3\nr2,And which?,right,w1,w2,w3\nr3,Which then?,right,w1,w2,w3\nr4,Who?,right,w1,w2,w3\nr5,When?,right,w1,w2,w3\n"
	letters := map[string]bool{}
	var first []*Question
	for range 2 {
		questions, err := Load(write(t, "gpqa.csv", table), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range questions {
			letters[q.Answers[0]] = true
			if q.Choices[q.Answers[0][0]-'A'] != "right" {
				t.Errorf("%s: %s of %q", q.ID, q.Answers[0], q.Choices)
			}
		}
		if first != nil && !reflect.DeepEqual(first, questions) {
			t.Error("the second reading gave another order")
		}
		first = questions
	}
	if len(letters) < 2 {
		t.Errorf("the right answer always stands at %v", letters)
	}
}

// Parquet files as pyarrow writes them (tools/goldens/eval_parquet.py): lists,
// pictures in structs, three compressions.
func TestParquet(t *testing.T) {
	mmmu, err := Load("testdata/mmmu.parquet", "")
	if err != nil {
		t.Fatal(err)
	}
	if q := mmmu[0]; q.ID != "validation_Art_1" || q.Match != MatchChoice || q.Choices[1] != "Painter's blue" || len(q.Images) != 1 || !strings.HasPrefix(string(q.Images[0].Data), "\x89PNG") {
		t.Errorf("%+v", q)
	}
	if q := mmmu[1]; q.Match != MatchNumber || len(q.Images) != 2 || q.Answers[0] != "4" {
		t.Errorf("%+v", q)
	}
	docs, err := Load("testdata/docvqa.parquet", "")
	if err != nil || !reflect.DeepEqual(docs[0].Answers, []string{"1/8/93", "1/8/1993"}) || len(docs[1].Images[0].Data) == 0 {
		t.Errorf("%+v, %v", docs, err)
	}
	tests, err := Load("testdata/mmlu.parquet", "")
	if err != nil || tests[0].Answers[0] != "B" || tests[1].Answers[0] != "D" || tests[1].Group != "numbers" {
		t.Errorf("%+v, %v", tests, err)
	}
	data, err := os.ReadFile("testdata/mmmu.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(data); i += 97 { // a damaged one is an error or another text, never a panic
		broken := append([]byte(nil), data...)
		broken[i] ^= 0x55
		Load(write(t, "broken.parquet", string(broken)), "mmmu")
	}
	if _, err := Load(write(t, "cut.parquet", string(data[:len(data)/2])), ""); err == nil {
		t.Error("half a file was read")
	}
}

// Pictures stand where the text names them; the others come first.
func TestPlacesOfPictures(t *testing.T) {
	q := &Question{Text: "Compare <image 2> with <image 1>, please.", Images: []Picture{{Data: []byte("1")}, {Data: []byte("2")}, {Data: []byte("3")}}}
	r, err := q.request(readPicture)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, part := range r.Messages[0].Parts {
		if part.Image != nil {
			got = append(got, "picture "+string(part.Image.Data))
		} else {
			got = append(got, part.Text)
		}
	}
	want := []string{"picture 3", "Compare ", "picture 2", " with ", "picture 1", ", please."}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// What could not be judged is refused, with its line.
func TestRefusals(t *testing.T) {
	for line, want := range map[string]string{
		`{"question": "?"}`: "answer",
		`{"answer": "x"}`:   "question",
		`{"question": "?", "answer": "x", "anwser": "y"}`:                         "anwser",
		`{"question": "?", "answer": "x", "match": "magic"}`:                      "magic",
		`{"question": "?", "answer": "(", "match": "regex"}`:                      "regular expression",
		`{"question": "?", "answer": "C", "choices": ["a", "b"]}`:                 "choices",
		`{"question": "?", "answer": "a", "choices": ["a"]}`:                      "choices",
		`{"question": "?", "calls": [{"name": "f"}]}`:                             "tools",
		`{"question": "?", "answer": "x", "match": "code"}`:                       "test",
		`{"question": "?", "answer": "x", "tools": {}}`:                           "tools",
		`{"question": "?", "answer": "x", "images": ["data:image/png;base64,*"]}`: "base64",
		`[1]`:           "JSON object",
		`{"question": `: "JSON object",
		`{"id": "a", "question": "?", "answer": "x"}` + "\n" + `{"id": "a", "question": "!", "answer": "x"}`: "twice",
		``: "none",
	} {
		_, err := Load(write(t, "q.jsonl", line), "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not mention %s", line, err, want)
		}
	}
	if _, err := Load(write(t, "q.csv", "a,b\n1,2\n"), ""); err == nil || !strings.Contains(err.Error(), "--format") {
		t.Errorf("an unknown table: %v", err)
	}
}

// The questions that come with the program can all be read, pictures included.
func TestShippedQuestions(t *testing.T) {
	questions, err := Load("../../assets/samples/questions.jsonl", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		if _, err := q.request(readPicture); err != nil {
			t.Error(err)
		}
	}
}

// No line, however odd, panics; what is taken can be asked and judged.
func FuzzJSONL(f *testing.F) {
	shipped, err := os.ReadFile("../../assets/samples/questions.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(shipped), "\n") {
		f.Add(line, "3")
	}
	f.Add(`{"pid": "1", "question_type": "multi_choice", "answer": "b", "choices": "['a', \"b\"]", "question": "?"}`, "B")
	f.Add(`{"query": "?", "label": ["5%"], "image": {"bytes": "AAAA"}}`, "0.05")
	f.Add(`{"question": "?", "answer": [1], "path": "$[0]['a']"}`, "[{\"a\": 1}]")
	f.Fuzz(func(t *testing.T, text, answer string) {
		questions, err := jsonLines(strings.NewReader(text), "")
		if err != nil {
			return
		}
		for _, q := range questions {
			if _, err := q.request(func(Picture) ([]byte, error) { return nil, nil }); err != nil {
				t.Error(err)
			}
			if q.Match == MatchCode {
				q.Code.program(answer)
			} else if points, _ := q.score(answer, nil); points < 0 || points > 1 {
				t.Errorf("%g points", points)
			}
		}
	})
}
