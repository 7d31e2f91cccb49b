package cli

import (
	"errors"
	"fmt"
	"os"

	"sirocco/app/history"
	"sirocco/model"
	"sirocco/model/chat"
)

// eventRecorder keeps answers in a history that is made for the measurement, as the window
// does for what is asked in it; remove takes it away.
func eventRecorder() (keep model.Recorder, remove func() error, err error) {
	folder, err := os.MkdirTemp("", "sirocco-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("measuring what keeping an answer costs: %w", err)
	}
	store, err := history.Open(folder)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(folder))
	}
	remove = func() error { return errors.Join(store.Close(), os.RemoveAll(folder)) }
	conversation, err := store.New(history.Preset{})
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	keep = func() (func(chat.Event) error, func() error, error) {
		turn, err := store.Record(conversation, 0, &chat.Request{})
		if err != nil {
			return nil, nil, err
		}
		return turn.Add, turn.Close, nil
	}
	return keep, remove, nil
}
