package history

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sirocco/model/chat"
)

// packer compresses what the inspector alone reads: lines of JSON shrink to a
// tenth. Unpacking is bounded, because the file may come from anywhere.
var packer = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) })
var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
})

func pack(data []byte) ([]byte, error) {
	encoder, err := packer()
	if err != nil {
		return nil, err
	}
	return encoder.EncodeAll(data, nil), nil
}

func unpack(data []byte) ([]byte, error) {
	decoder, err := unpacker()
	if err != nil {
		return nil, err
	}
	return decoder.DecodeAll(data, nil)
}

// storedRequest is a request whose messages name their pictures by hash. Schemas
// are kept as text: the chat template's JSON is Python's and knows NaN, which
// Go's would refuse.
type storedRequest struct {
	Messages []stored
	Tools    []storedTool
	Schema   string
	Rest     chat.Request
}

type storedTool struct {
	Name, Description, Parameters string
	Strict                        *bool
}

func (s *Store) packRequest(request *chat.Request) ([]byte, error) {
	kept := storedRequest{Rest: *request, Schema: string(request.Schema)}
	kept.Rest.Messages, kept.Rest.Tools, kept.Rest.Schema = nil, nil, nil
	for _, t := range request.Tools {
		kept.Tools = append(kept.Tools, storedTool{t.Name, t.Description, string(t.Parameters), t.Strict})
	}
	for _, m := range request.Messages {
		detached, err := s.detach(m)
		if err != nil {
			return nil, err
		}
		kept.Messages = append(kept.Messages, detached)
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("recording a question: %w", err)
	}
	return pack(data)
}

func (s *Store) unpackRequest(packed []byte) (*chat.Request, error) {
	data, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	var kept storedRequest
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, err
	}
	for _, m := range kept.Messages {
		kept.Rest.Messages = append(kept.Rest.Messages, s.attach(m))
	}
	for _, t := range kept.Tools {
		kept.Rest.Tools = append(kept.Rest.Tools, chat.Tool{Name: t.Name, Description: t.Description, Parameters: raw(t.Parameters), Strict: t.Strict})
	}
	kept.Rest.Schema = raw(kept.Schema)
	return &kept.Rest, nil
}

// raw is JSON as it was written, nil for none.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// packEvents turns the pieces of a turn into its events.
func (s *Store) packEvents(turn int64) error {
	return s.change("saving the events of an answer", func(tx *sql.Tx) error {
		lines, err := piecesOf(tx, turn)
		if err != nil {
			return err
		}
		packed, err := pack(lines)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE turns SET events = ? WHERE id = ?", packed, turn); err != nil {
			return err
		}
		_, err = tx.Exec("DELETE FROM pieces WHERE turn = ?", turn)
		return err
	})
}

// querier is a database or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

// piecesOf are the events of a turn that is not packed, one to a line.
func piecesOf(q querier, turn int64) ([]byte, error) { return piecesAfter(q, turn, 0) }

// piecesAfter leaves the first n out.
func piecesAfter(q querier, turn int64, n int) ([]byte, error) {
	rows, err := q.Query("SELECT line FROM pieces WHERE turn = ? AND seq > ? ORDER BY seq", turn, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines bytes.Buffer
	var line sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		lines.Write(line)
		lines.WriteByte('\n')
	}
	return lines.Bytes(), rows.Err()
}

// parseEvents reads lines of JSON. A last line that was cut off is left out.
func (s *Store) parseEvents(lines []byte) ([]chat.Timed, error) {
	var events []chat.Timed
	scanner := bufio.NewScanner(bytes.NewReader(lines))
	scanner.Buffer(nil, 1<<30)
	for scanner.Scan() {
		var e chat.Timed
		if err := json.Unmarshal(scanner.Bytes(), &e); err != nil {
			return events, fmt.Errorf("event %d: %w", len(events)+1, err)
		}
		events = append(events, s.attachEvent(e))
	}
	return events, scanner.Err()
}

// reference marks the data of a picture that lies in the store: no picture's
// file begins so.
const reference = "sha256:"

// detachEvent moves the pictures of an event to their files, and takes out of
// "done" the tokens that "token" events have told already.
func (s *Store) detachEvent(e chat.Timed) (chat.Timed, error) {
	if e.Kind == chat.KindDone {
		done := *e.Done
		done.Tokens = nil
		e.Done = &done
	}
	var failed error
	e = mapPictures(e, func(data []byte) []byte {
		hash, err := s.keepPicture(data)
		if err != nil {
			failed = err
		}
		return []byte(reference + hash)
	})
	return e, failed
}

func (s *Store) attachEvent(e chat.Timed) chat.Timed {
	return mapPictures(e, func(data []byte) []byte {
		hash, ok := strings.CutPrefix(string(data), reference)
		if !ok {
			return data
		}
		data, _ = s.Picture(hash)
		return data
	})
}

// mapPictures returns the event with each picture's data replaced.
func mapPictures(e chat.Timed, change func([]byte) []byte) chat.Timed {
	switch {
	case e.Kind == chat.KindResult && len(e.Result.Pictures) > 0:
		result := *e.Result
		result.Pictures = append([]chat.Image(nil), result.Pictures...)
		for i := range result.Pictures {
			result.Pictures[i].Data = change(result.Pictures[i].Data)
		}
		e.Result = &result
	case e.Kind == chat.KindMessage:
		message := *e.Message
		message.Parts = append([]chat.Part(nil), message.Parts...)
		for i, part := range message.Parts {
			if part.Image != nil {
				message.Parts[i].Image = &chat.Image{Name: part.Image.Name, Data: change(part.Image.Data)}
			}
		}
		e.Message = &message
	}
	return e
}
