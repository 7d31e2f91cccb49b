package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// checkStory reads what the window has recorded: the call as the model made it, and
// the branch that went on from the edited call and its new result.
func checkStory(data string) error {
	store, err := history.Open(filepath.Join(data, "sirocco", "history"))
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := store.Conversations()
	if err != nil || len(list) != 1 {
		return errors.Join(err, fmt.Errorf("there are %d conversations, not the one of the story", len(list)))
	}
	turns, err := store.Turns(list[0].ID)
	if err != nil || len(turns) != 3 {
		return errors.Join(err, fmt.Errorf("the conversation has %d turns; the story, its branch and the server's were expected", len(turns)))
	}
	first, err := turnOf(store, turns[0])
	if err != nil {
		return err
	}
	second, err := turnOf(store, turns[1])
	if err != nil {
		return err
	}
	third, err := turnOf(store, turns[2])
	if err != nil {
		return err
	}
	return errors.Join(made(first), continued(second), elsewhere(second, third))
}

// elsewhere demands that a server was asked the same as the branch, and answered the
// same, being the same model.
func elsewhere(here, there *inspect.Turn) error {
	if there.About.Device.Backend != "remote" || here.About.Device.Backend == "remote" {
		return fmt.Errorf("the branch was answered on %+v, its repetition on %+v", here.About.Device, there.About.Device)
	}
	if there.Finish() == "" || there.Text() != here.Text() || len(there.Request.Messages) != len(here.Request.Messages) {
		return fmt.Errorf("the server answered %q, where here %q was said", there.Text(), here.Text())
	}
	fmt.Printf("the server said the same: %q\n", there.Text())
	return nil
}

func turnOf(store *history.Store, id int64) (*inspect.Turn, error) {
	session, err := store.Turn(id)
	if err != nil {
		return nil, err
	}
	return inspect.FromEvents(session.Request, session.Events), nil
}

// made demands the card's call, in millions, with its result.
func made(t *inspect.Turn) error {
	calls := t.Calls()
	if len(calls) == 0 || calls[0].Name != population.Name || !strings.Contains(calls[0].Arguments, "millions") || calls[0].Result == nil {
		return errors.New("the story's turn does not call get_current_population in millions")
	}
	fmt.Printf("the model called %s %s → %s\n", calls[0].Name, calls[0].Arguments, strings.TrimSpace(calls[0].Result.Text))
	return nil
}

// continued demands that the branch was asked with the edited call and the result of
// running it again, and was answered.
func continued(t *inspect.Turn) error {
	edited, result := "", ""
	for _, m := range t.Request.Messages {
		for _, c := range m.ToolCalls {
			edited = c.Arguments
		}
		if m.Role == chat.ToolRole {
			result = strings.TrimSpace(m.Parts[0].Text)
		}
	}
	if !strings.Contains(edited, "thousands") || result != "68400 thousand" {
		return fmt.Errorf("the branch was asked with %s → %s; thousands and 68400 thousand were expected", edited, result)
	}
	if t.Finish() == "" {
		return errors.New("the branch has no answer")
	}
	fmt.Printf("edited to %s → %s, continued: %q\n", edited, result, t.Text())
	return nil
}
