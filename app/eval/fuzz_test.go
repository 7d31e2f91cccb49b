package eval

import (
	"bytes"
	"os"
	"testing"
)

// Tables of questions come from anywhere: whatever is in one gives questions or an
// error.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"question,answer\nWhat?,a\n", "\ufeffQuestion;Answer\n\"a\nb\";c", "a,b\n1\n", "\"", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		if rows, err := csvRows(bytes.NewReader(data)); err == nil {
			_, _ = questionsOf(rows, "")
		}
	})
}

func FuzzJSONTable(f *testing.F) {
	for _, seed := range []string{`[{"question":"What?","answer":"a"}]`, `{"data":[{"question":"?"}]}`, `{"1":{"pid":"1","question":"?","answer":2}}`, "null", "[null]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		if rows, err := jsonRows(bytes.NewReader(data), 1<<20); err == nil {
			_, _ = questionsOf(rows, "")
		}
	})
}

func FuzzParquet(f *testing.F) {
	data, err := os.ReadFile("testdata/mmmu.parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := os.Create(t.TempDir() + "/q.parquet")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
		if rows, err := parquetRows(file); err == nil {
			_, _ = questionsOf(rows, "")
		}
	})
}
