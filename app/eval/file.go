package eval

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// maxLine bounds a line of a JSONL file: pictures may be inside.
const maxLine = 64 << 20

// maxJSON bounds a file that is one JSON list, which is read whole.
const maxJSON = 512 << 20

// row is one record of a data set: a column's name and its value as JSON has it;
// bytes of pictures stay []byte.
type row map[string]any

// Load reads questions from a file: our own JSONL, or a data set in one of
// Formats as JSONL, JSON, CSV or Parquet. format "" finds out by the fields.
func Load(path, format string) ([]*Question, error) {
	questions, err := load(path, format)
	if err != nil {
		return nil, fmt.Errorf("reading the questions in %s: %w", path, err)
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("reading the questions in %s: there are none", path)
	}
	seen := map[string]bool{}
	for _, q := range questions {
		if seen[q.ID] {
			return nil, fmt.Errorf("reading the questions in %s: the id %q stands there twice", path, q.ID)
		}
		seen[q.ID] = true
		q.resolve(filepath.Dir(path))
	}
	return questions, nil
}

// resolve finds the pictures beside the file.
func (q *Question) resolve(folder string) {
	for i := range q.Images {
		if p := &q.Images[i]; p.Path != "" && !filepath.IsAbs(p.Path) {
			p.Path = filepath.Join(folder, p.Path)
		}
	}
}

func load(path, format string) ([]*Question, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	switch strings.ToLower(filepath.Ext(path)) {
	case ".parquet":
		rows, err := parquetRows(file)
		if err != nil {
			return nil, err
		}
		return questionsOf(rows, format)
	case ".csv":
		rows, err := csvRows(file)
		if err != nil {
			return nil, err
		}
		return questionsOf(rows, format)
	case ".json":
		rows, err := jsonRows(file, maxJSON)
		if err != nil {
			return nil, err
		}
		return questionsOf(rows, format)
	}
	return jsonLines(file, format)
}

// jsonLines reads a question a line, in our own format or a data set's.
func jsonLines(in io.Reader, format string) ([]*Question, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	var questions []*Question
	for n := 1; lines.Scan(); n++ {
		data := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			data = bytes.TrimPrefix(data, []byte("\ufeff"))
		}
		if len(data) == 0 {
			continue
		}
		q, err := jsonLine(data, n, format)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		questions = append(questions, q)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("a line is longer than %d MB", maxLine>>20)
	} else if err != nil {
		return nil, err
	}
	return questions, nil
}

func jsonLine(data []byte, number int, format string) (*Question, error) {
	var r row
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("it is no JSON object: %w", err)
	}
	if format == "" {
		format = detect(r)
	}
	if format == ownFormat {
		return parseLine(data, number)
	}
	return questionOf(r, number, format)
}

// jsonRows reads a list of objects, or the one list in an object (DocVQA's
// "data").
func jsonRows(in io.Reader, most int64) ([]row, error) {
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("a .json file is read whole, and it has more than %d MB: write it as JSON Lines (.jsonl), a question a line", most>>20)
	}
	var list []row
	if json.Unmarshal(data, &list) == nil {
		return list, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fmt.Errorf("it is no JSON list of questions: %w", err)
	}
	if json.Unmarshal(object["data"], &list) == nil {
		return list, nil
	}
	// MathVista's own file is an object of objects, by id.
	for id, raw := range object {
		var r row
		if json.Unmarshal(raw, &r) != nil {
			return nil, errors.New("it is neither a list of questions nor an object with a list in \"data\"")
		}
		if r["pid"] == nil {
			r["pid"] = id
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b row) int { return strings.Compare(a.text("pid"), b.text("pid")) })
	return list, nil
}

// csvRows reads a table. One without names in its first line is MMLU's: question,
// four choices, letter.
func csvRows(in io.Reader) ([]row, error) {
	reader := csv.NewReader(in)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil || len(records) == 0 {
		return nil, err
	}
	names := records[0]
	names[0] = strings.TrimPrefix(names[0], "\ufeff")
	if len(names) == 6 && len(names[5]) == 1 && strings.Contains("ABCD", names[5]) {
		names = []string{"question", "A", "B", "C", "D", "answer"}
	} else {
		records = records[1:]
	}
	var rows []row
	for _, record := range records {
		r := row{}
		for i, value := range record {
			if i < len(names) {
				r[names[i]] = value
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// parquetRows reads a Parquet file whole. A damaged one must not take the
// program along, whatever the library makes of it.
func parquetRows(file *os.File) (rows []row, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			rows, err = nil, fmt.Errorf("the Parquet file is damaged (%v)", fault)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	read, err := parquet.Read[any](file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("it is no Parquet file that can be read: %w", err)
	}
	for _, one := range read {
		record, ok := one.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("its records are %T, not named columns", one)
		}
		r := row{}
		for name, value := range record {
			r[name] = unwrap(value)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// unwrap turns Parquet's way of writing lists, {"list": [{"element": x}]}, into
// lists.
func unwrap(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if list, ok := v["list"].([]any); ok && len(v) == 1 {
			return unwrap(list)
		}
		if element, ok := v["element"]; ok && len(v) == 1 {
			return unwrap(element)
		}
		if item, ok := v["item"]; ok && len(v) == 1 {
			return unwrap(item)
		}
		for name := range v {
			v[name] = unwrap(v[name])
		}
	case []any:
		for i := range v {
			v[i] = unwrap(v[i])
		}
	}
	return value
}
