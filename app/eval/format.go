package eval

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"sirocco/model/imageproc"
)

const ownFormat = "sirocco"

// Formats are the data sets whose files are read as they are published.
var Formats = []string{ownFormat, "mmmu", "mathvista", "chartqa", "docvqa", "ai2d", "mmlu", "mmlu-pro", "gpqa", "humaneval", "mbpp"}

// readers turn a record of each data set into a question.
var readers = map[string]func(row, int) (*Question, error){
	"mmmu": mmmu, "mathvista": mathVista, "chartqa": chartQA, "docvqa": docVQA, "ai2d": options, "mmlu": mmlu, "mmlu-pro": options,
	"gpqa": gpqa, "humaneval": humanEval, "mbpp": mbpp,
}

// detect tells a data set by the fields of a record.
func detect(r row) string {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := r[name]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("task_id", "prompt", "entry_point", "test"):
		return "humaneval"
	case has("task_id", "test_list"):
		return "mbpp"
	case has("Question", "Correct Answer"):
		return "gpqa"
	case has("pid", "question_type", "answer"):
		return "mathvista"
	case has("question_type", "options", "answer"):
		return "mmmu"
	case has("questionId", "answers"):
		return "docvqa"
	case has("query", "label"):
		return "chartqa"
	case has("options", "answer_index"):
		return "mmlu-pro"
	case has("question", "options", "answer", "image"):
		return "ai2d"
	case has("question", "A", "B", "C", "D", "answer"), has("question", "choices", "answer", "subject"):
		return "mmlu"
	}
	return ownFormat
}

// questionsOf reads all records of a data set.
func questionsOf(rows []row, format string) (questions []*Question, err error) {
	for i, r := range rows {
		as := format
		if as == "" {
			as = detect(r)
		}
		q, err := questionOf(r, i+1, as)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// questionOf reads one record in a known format.
func questionOf(r row, number int, format string) (*Question, error) {
	read, ok := readers[format]
	if !ok {
		return nil, fmt.Errorf("its fields are those of no data set that is known here; name one with --format (%s)", strings.Join(Formats, ", "))
	}
	q, err := read(r, number)
	if err != nil {
		return nil, fmt.Errorf("as %s: %w", format, err)
	}
	if q.ID == "" {
		q.ID = fmt.Sprintf("%s %d", format, number)
	}
	return q, q.check()
}

// text is a column as text; numbers are written as they are.
func (r row) text(name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// list is a column that holds texts: a list, or one written as Python shows it.
func (r row) list(name string) (list []string) {
	switch v := r[name].(type) {
	case []any:
		for _, item := range v {
			list = append(list, row{"": item}.text(""))
		}
	case string:
		return pythonList(v)
	case []byte:
		return pythonList(string(v))
	}
	return list
}

// picture is a column that holds one: {"bytes", "path"}, bytes, base64 or a path.
func (r row) picture(name string) []Picture {
	switch v := r[name].(type) {
	case map[string]any:
		if data := row(v).picture("bytes"); data != nil {
			return data
		}
		return row(v).picture("path")
	case []byte:
		if len(v) > 0 {
			return []Picture{{Data: v}}
		}
	case string:
		return pictureText(v)
	}
	return nil
}

// pictureText is a path, a picture's base64 text, or its bytes, which Parquet
// gives as text as well.
func pictureText(text string) []Picture {
	if text == "" {
		return nil
	}
	if _, err := imageproc.Probe([]byte(text)); err == nil {
		return []Picture{{Data: []byte(text)}}
	}
	if data, err := base64.StdEncoding.DecodeString(text); err == nil && len(text) > 200 {
		return []Picture{{Data: data}}
	}
	return []Picture{{Path: text}}
}

// pythonList reads a list of texts as Python's repr writes it: ['a', "b's"]. A
// text that is none is a list of itself.
func pythonList(text string) []string {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	var list []string
	var item strings.Builder
	var quote byte
	inside := text[1 : len(text)-1]
	for i := 0; i < len(inside); i++ {
		c := inside[i]
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote != 0 && c == '\\' && i+1 < len(inside):
			i++
			item.WriteString(map[byte]string{'n': "\n", 't': "\t"}[inside[i]])
			if inside[i] != 'n' && inside[i] != 't' {
				item.WriteByte(inside[i])
			}
		case quote != 0 && c == quote:
			quote = 0
			list = append(list, item.String())
			item.Reset()
		case quote != 0:
			item.WriteByte(c)
		case c != ',' && c != ' ' && c != '\n':
			item.WriteByte(c) // a number, without quotes
		case c == ',' && item.Len() > 0:
			list = append(list, item.String())
			item.Reset()
		}
	}
	if item.Len() > 0 {
		list = append(list, item.String())
	}
	return list
}

// mmmu: question with <image N>, options as Python's list, answer a letter or, in
// open questions, one or several texts.
func mmmu(r row, _ int) (*Question, error) {
	q := &Question{ID: r.text("id"), Group: r.text("subfield"), Text: r.text("question"), Choices: r.list("options"), Match: MatchChoice}
	for i := 1; i <= 7; i++ {
		q.Images = append(q.Images, r.picture(fmt.Sprintf("image_%d", i))...)
	}
	if r.text("question_type") == "open" || len(q.Choices) < 2 {
		q.Choices, q.Match, q.Answers = nil, MatchExact, r.list("answer")
		q.Text += "\nAnswer the question using a single word or phrase."
		if len(q.Answers) > 0 {
			if _, isNumber := number(q.Answers[0]); isNumber {
				q.Match = MatchNumber
			}
		}
		return q, nil
	}
	q.Answers = []string{r.text("answer")}
	return q, nil
}

// mathVista: choices and an answer by its text, or a number with a precision.
func mathVista(r row, _ int) (*Question, error) {
	q := &Question{ID: r.text("pid"), Text: r.text("question"), Answers: []string{r.text("answer")}}
	if meta, ok := r["metadata"].(map[string]any); ok {
		q.Group = row(meta).text("task")
	}
	if q.Images = r.picture("decoded_image"); q.Images == nil {
		q.Images = r.picture("image")
	}
	if unit := r.text("unit"); unit != "" {
		q.Text += " (Unit: " + unit + ")"
	}
	if r.text("question_type") == "multi_choice" {
		q.Choices, q.Match = r.list("choices"), MatchChoice
		return q, nil
	}
	switch r.text("answer_type") {
	case "integer", "float":
		q.Match = MatchNumber
		q.Text += "\nEnd with a line \"Answer: \" and the number."
	default:
		q.Match = MatchExact
		q.Text += "\nEnd with a line \"Answer: \" and the answer alone."
	}
	return q, nil
}

// chartQA: query, and a label or a list of labels.
func chartQA(r row, number int) (*Question, error) {
	q := &Question{Group: r.text("human_or_machine"), Match: MatchRelaxed, Answers: r.list("label"),
		Text: r.text("query") + "\nEnd with a line \"Answer: \" and the answer alone, a word or a number."}
	if q.Images = r.picture("image"); q.Images == nil {
		q.Images = r.picture("imgname")
	}
	q.ID = fmt.Sprintf("chartqa %d", number)
	return q, nil
}

// docVQA: question and all answers people gave.
func docVQA(r row, _ int) (*Question, error) {
	return &Question{ID: r.text("questionId"), Match: MatchANLS, Answers: r.list("answers"), Images: r.picture("image"),
		Text: r.text("question") + "\nAnswer the question using a single word or phrase from the document."}, nil
}

// options: AI2D and MMLU-Pro, whose answer is a letter or an index as text.
func options(r row, _ int) (*Question, error) {
	q := &Question{ID: r.text("question_id"), Group: r.text("category"), Text: r.text("question"), Choices: r.list("options"), Match: MatchChoice, Images: r.picture("image")}
	return q, q.pickAnswer(r.text("answer"))
}

// mmlu: choices as a list with the right one's index, or as columns with its
// letter.
func mmlu(r row, _ int) (*Question, error) {
	q := &Question{Group: r.text("subject"), Text: r.text("question"), Choices: r.list("choices"), Match: MatchChoice}
	if q.Choices == nil {
		for _, name := range []string{"A", "B", "C", "D"} {
			q.Choices = append(q.Choices, r.text(name))
		}
	}
	return q, q.pickAnswer(r.text("answer"))
}

// pickAnswer takes a letter or an index from 0.
func (q *Question) pickAnswer(answer string) error {
	if i, err := strconv.Atoi(answer); err == nil {
		if i < 0 || i >= len(q.Choices) {
			return fmt.Errorf("the answer is choice %d of %d", i, len(q.Choices))
		}
		answer = letter(i)
	}
	q.Answers = []string{answer}
	return nil
}

// gpqa: one right and three wrong answers, which are put into an order that only
// the question decides.
func gpqa(r row, _ int) (*Question, error) {
	q := &Question{ID: r.text("Record ID"), Group: r.text("High-level domain"), Text: r.text("Question"), Match: MatchChoice}
	right := strings.TrimSpace(r.text("Correct Answer"))
	q.Choices = []string{right}
	for i := 1; i <= 3; i++ {
		q.Choices = append(q.Choices, strings.TrimSpace(r.text(fmt.Sprintf("Incorrect Answer %d", i))))
	}
	hash := fnv.New64a()
	hash.Write([]byte(q.Text))
	draw := rand.New(rand.NewPCG(hash.Sum64(), 0))
	draw.Shuffle(len(q.Choices), func(i, j int) { q.Choices[i], q.Choices[j] = q.Choices[j], q.Choices[i] })
	q.Answers = []string{letter(slices.Index(q.Choices, right))}
	return q, nil
}

// humanEval: the beginning of a function, and tests for it.
func humanEval(r row, _ int) (*Question, error) {
	code := &Code{Prompt: r.text("prompt"), Entry: r.text("entry_point"), Test: r.text("test")}
	return &Question{ID: r.text("task_id"), Match: MatchCode, Code: code,
		Text: "Complete this Python function. Answer with the whole function in one block of code.\n\n```python\n" + strings.TrimRight(code.Prompt, "\n") + "\n```"}, nil
}

// mbpp: a task in words, and asserts.
func mbpp(r row, _ int) (*Question, error) {
	tests := r.list("test_list")
	task := r.text("prompt")
	if task == "" {
		task = r.text("text")
	}
	return &Question{ID: r.text("task_id"), Match: MatchCode, Code: &Code{Test: strings.Join(tests, "\n")},
		Text: task + "\nAnswer with Python in one block of code. It must pass:\n\n```python\n" + strings.Join(tests, "\n") + "\n```"}, nil
}
