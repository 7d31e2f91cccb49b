package view

import (
	"context"
	"slices"
	"strings"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/tools"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Send asks what stands in the entry and lies in the attachments. It is false when
// there is nothing to ask or an answer is still growing.
func (w *Window) Send(text string) bool {
	text = strings.TrimSpace(text)
	if w.Answering != nil || w.loading != 0 || w.Attachments.Busy() || text == "" && len(w.Attachments.Items) == 0 {
		return false
	}
	parts := w.Attachments.Parts()
	if text != "" {
		parts = append(parts, chat.Part{Text: text})
	}
	question := &Message{Role: chat.User}
	question.fill(parts)
	question.Parent = w.tip()
	w.queued = ""
	w.Attachments.Clear()
	w.start(question, parts)
	return true
}

// tip is the message of the tree that the next question follows; an answer that
// failed before its first word is none.
func (w *Window) tip() int64 {
	for _, m := range slices.Backward(w.Messages) {
		if end := m.end(); end != 0 {
			return end
		}
	}
	return 0
}

// Edit asks a question of the conversation anew in other words; what followed
// it stays as another branch.
func (w *Window) Edit(m *Message, text string) {
	at := w.index(m)
	if at < 0 || w.Answering != nil || m.ID == 0 {
		return
	}
	question := &Message{Role: chat.User, Parent: m.Parent, Version: m.Versions + 1, Versions: m.Versions + 1}
	parts := m.parts()
	if m.Text != "" {
		parts = parts[:len(parts)-1]
	}
	parts = append(parts, chat.Part{Text: strings.TrimSpace(text)})
	question.fill(parts)
	w.Messages = w.Messages[:at:at]
	w.start(question, parts)
}

// Regenerate answers the question before an answer once more.
func (w *Window) Regenerate(m *Message) {
	at := w.index(m)
	if at < 1 || w.Answering != nil {
		return
	}
	w.Messages = w.Messages[:at:at]
	w.answer(&job{parent: w.Messages[at-1].end()}, m.Versions+1)
}

// Continue goes on with an answer that was cut off.
func (w *Window) Continue(m *Message) {
	at := w.index(m)
	if at < 1 || w.Answering != nil || m.Answer == nil || !m.Answer.Cut() {
		return
	}
	said := m.Answer.Text
	w.Messages = w.Messages[:at:at]
	w.answer(&job{parent: w.Messages[at-1].end(), prefix: said}, m.Versions+1)
}

// Stop ends the growing answer; what was said stays.
func (w *Window) Stop() {
	if w.stop != nil {
		w.stop()
	}
}

// Branch shows another version of a message: by is -1 or +1.
func (w *Window) Branch(m *Message, by int) {
	to := m.Version - 1 + by
	if w.Answering != nil || to < 0 || to >= len(m.Other) {
		return
	}
	id, chosen := w.Conversation, m.Other[to]
	w.loading = id
	crash.Go(func() {
		if err := w.store.Select(chosen); err != nil {
			w.UIQueue.Post(func() { w.loading = 0; w.notify(err) })
			return
		}
		w.UIQueue.Post(func() { w.read(id) })
	})
}

func (w *Window) index(m *Message) int {
	for i, other := range w.Messages {
		if other == m {
			return i
		}
	}
	return -1
}

// job is one answer on its way.
type job struct {
	conversation int64
	title        string
	question     *chat.Message // to be saved first; nil: it is
	after        int64         // the message the question follows
	parent       int64         // the question, once it is saved
	prefix       string        // what an answer that is continued has said
	request      *chat.Request
	ready        chan struct{}
	userMessage  *Message // the question as it is shown
	message      *Message
	loop         *tools.Loop // runs the calls
	builtin      bool
	preset       history.Preset // of a new conversation
	tools        []chat.Tool    // that the model is told of
	saveKV       bool           // what is read
}

func (w *Window) start(question *Message, parts []chat.Part) {
	w.Messages = append(w.Messages, question)
	message := &chat.Message{Role: chat.User, Parts: parts, PartList: len(parts) > 1}
	w.answer(&job{question: message, after: question.Parent, userMessage: question}, 1)
}

// answer begins an answer to the last message.
func (w *Window) answer(j *job, version int) {
	w.switchToPresetModel()
	if w.Host.Phase == Off || w.Host.Phase == Broken {
		w.Host.start(w.Host.Choice)
	}
	j.conversation, j.ready = w.Conversation, w.Host.ready
	j.loop, j.builtin, j.preset = w.loop(), w.Settings.Builtin, w.own.stored()
	j.saveKV = w.Settings.KeepRead && w.Host.Choice.Remote == ""
	w.Host.used = w.now()
	j.request = w.request(w.Messages)
	if j.prefix != "" {
		j.request.Messages = append(j.request.Messages, chat.Text(chat.Assistant, j.prefix))
		j.request.ContinueFinal = true
	}
	if w.Title == "" {
		w.Title = title(w.Messages[0])
		j.title = w.Title
	}
	j.message = &Message{Role: chat.Assistant, Version: version, Versions: version, Answer: NewAnswer(w.now(), pictures(w.Messages))}
	if j.prefix != "" {
		j.message.Answer.appendText(j.prefix, w.now())
		j.message.Answer.FirstWord, j.message.Answer.State = 0, Waiting
	}
	w.Messages = append(w.Messages, j.message)
	w.Answering = j.message
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.touch(DirtyMessages)
	crash.Go(func() { w.run(ctx, j) })
}

// run is an answer's goroutine: save the question, ask, save every event. A
// history that cannot be written must not keep the model from answering.
func (w *Window) run(ctx context.Context, j *job) {
	err := crash.Try(func() error { return w.begin(j) })
	crash.Call(func() { w.equip(ctx, j) })
	var turn *history.Recording
	if err == nil {
		turn, err = w.record(j)
	}
	if err != nil {
		w.UIQueue.Post(func() { w.notify(err) })
	}
	record := func(e chat.Event) {
		if turn != nil {
			if err := turn.Add(e); err != nil {
				w.UIQueue.Post(func() { w.notify(err) })
				turn = nil
			}
		}
	}
	if j.prefix != "" {
		record(chat.Event{Kind: chat.KindText, Text: j.prefix})
	}
	failure := crash.Try(func() error { return w.generate(ctx, j, record) })
	if turn != nil {
		if err := turn.Close(); err != nil {
			w.UIQueue.Post(func() { w.notify(err) })
		}
	}
	w.finish(j, failure)
}

// begin saves the question.
func (w *Window) begin(j *job) (err error) {
	if j.conversation == 0 {
		if j.conversation, err = w.store.New(j.preset); err != nil {
			return err
		}
	}
	if j.title != "" {
		if err := w.store.Rename(j.conversation, j.title); err != nil {
			return err
		}
	}
	if j.question != nil {
		if j.parent, err = w.store.Append(j.conversation, j.after, *j.question); err != nil {
			return err
		}
	}
	conversation, parent := j.conversation, j.parent
	w.UIQueue.Post(func() {
		w.loops[conversation] = j.loop
		if w.Answering == j.message {
			w.Conversation, w.List.Selected = conversation, conversation
			w.Settings.Conversation = conversation
			w.Settings.Save()
		}
		if j.userMessage != nil {
			j.userMessage.ID = parent
		}
		w.List.Reload()
	})
	return nil
}

// record opens the record of an answer, with the tools that the model is told of.
func (w *Window) record(j *job) (*history.Recording, error) {
	told := *j.request
	told.Tools = j.tools
	turn, err := w.store.Record(j.conversation, j.parent, &told)
	if err == nil {
		w.UIQueue.Post(func() { j.message.Turn = turn.ID() })
	}
	return turn, err
}

// generate streams the answer into the feed.
func (w *Window) generate(ctx context.Context, j *job, record func(chat.Event)) error {
	engine, err := w.Host.wait(ctx, j.ready)
	if err != nil {
		return err
	}
	if len(j.tools) > 0 {
		j.loop.Engine = engine
		engine = j.loop
	}
	tell := func(event chat.Event) {
		record(event)
		event.Token = nil // only valid until the next one
		w.UIQueue.Post(func() { j.message.Answer.Apply(event, w.now()) })
	}
	for event, err := range engine.Generate(ctx, w.resumable(j, tell)) {
		if err != nil {
			return err
		}
		if event.Kind == chat.KindDone && j.prefix != "" { // engines tell what they add
			whole := *event.Done
			whole.Text = j.prefix + whole.Text
			event.Done = &whole
		}
		tell(event)
	}
	return ctx.Err()
}

// finish ends the answer in the view, with its place in the tree.
func (w *Window) finish(j *job, failure error) {
	stored, err := w.store.Messages(j.conversation)
	w.UIQueue.Post(func() {
		a := j.message.Answer
		switch {
		case failure == context.Canceled:
			a.Finish = chat.FinishCancelled
			a.end()
		case failure != nil:
			a.Fail(failure)
		default:
			a.end()
		}
		if w.Answering == j.message {
			w.Answering, w.stop = nil, nil
		}
		w.learn(a)
		w.Host.used = w.now()
		if err == nil && w.Conversation == j.conversation {
			w.adopt(stored)
		}
		w.touch(DirtyMessages | DirtyHost)
		w.List.Reload()
		w.measure()
		if j.saveKV {
			w.tidyKept()
		}
	})
}

// adopt gives the shown messages their places in the saved tree.
func (w *Window) adopt(stored []history.Message) {
	for i, group := range turns(stored) {
		if i < len(w.Messages) && w.Messages[i].Role == group[0].Role {
			w.Messages[i].place(group)
		}
	}
}

// title is a conversation's name until the user gives it one: the beginning of
// its first question.
func title(m *Message) string {
	text := strings.Join(strings.Fields(m.Text), " ")
	if text == "" && len(m.Pictures) > 0 {
		return m.Pictures[0].Name
	}
	if text == "" {
		return i18n.T("New chat")
	}
	if r := []rune(text); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return text
}

func pictures(messages []*Message) (n int) {
	for _, m := range messages {
		n += len(m.Pictures)
	}
	return n
}
