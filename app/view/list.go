package view

import (
	"time"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/view/i18n"
)

// List is the side list: conversations by day, or what a search found.
type List struct {
	Rows     []Row
	Query    string
	Selected int64
	Count    int // conversations in all

	store   *history.Store
	queue   *UIQueue
	changed func()
	fault   func(error)
	now     func() time.Time
	query   int
	reading bool
}

// Row is a line of the side list.
type Row struct {
	Heading string // "Today"; then the rest is empty
	ID      int64
	Title   string
	Pinned  bool
	// Snippet is a line of what a search found, Start and End the bytes of the
	// word in it.
	Snippet    string
	Start, End int
}

// Reload reads the list anew in the background. One reading goes on at a time: what
// is asked meanwhile, as with every key of a search, is read once behind it.
func (l *List) Reload() {
	l.query++
	if !l.reading {
		l.reading = true
		l.fetch()
	}
}

func (l *List) fetch() {
	mine, query := l.query, l.Query
	crash.Go(func() {
		rows, count, err := l.read(query)
		l.queue.Post(func() {
			if mine != l.query {
				l.fetch()
				return
			}
			l.reading = false
			if err != nil {
				l.fault(err)
				return
			}
			l.Rows = rows
			if query == "" {
				l.Count = count
			}
			l.changed()
		})
	})
}

// Search lists what contains the words; none list everything.
func (l *List) Search(query string) {
	l.Query = query
	l.Reload()
}

func (l *List) read(query string) (rows []Row, count int, err error) {
	if query != "" {
		hits, err := l.store.Search(query)
		for _, h := range hits {
			rows = append(rows, Row{ID: h.Conversation, Title: named(h.Title), Snippet: h.Snippet, Start: h.Start, End: h.End})
		}
		return rows, len(hits), err
	}
	list, err := l.store.Conversations()
	return grouped(list, l.now()), len(list), err
}

// grouped puts headings between conversations of different days.
func grouped(list []history.Conversation, now time.Time) (rows []Row) {
	last := ""
	for _, c := range list {
		heading := i18n.T("Pinned")
		if !c.Pinned {
			heading = day(c.Updated, now)
		}
		if heading != last {
			rows = append(rows, Row{Heading: heading})
			last = heading
		}
		rows = append(rows, Row{ID: c.ID, Title: named(c.Title), Pinned: c.Pinned})
	}
	return rows
}

// day names when something was, as a person would.
func day(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return i18n.T("Today")
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return i18n.T("Yesterday")
	case !t.Before(midnight.AddDate(0, 0, -7)):
		return i18n.T("Last 7 days")
	case !t.Before(midnight.AddDate(0, 0, -30)):
		return i18n.T("Last 30 days")
	}
	return i18n.T("Older")
}

func named(title string) string {
	if title == "" {
		return i18n.T("New chat")
	}
	return title
}

// Rename gives a conversation another title.
func (w *Window) Rename(id int64, title string) {
	w.change(func() error { return w.store.Rename(id, title) })
	if id == w.Conversation {
		w.Title = title
		w.touch(DirtyMessages)
	}
}

// Pin keeps a conversation at the top, or lets it go.
func (w *Window) Pin(id int64, pinned bool) {
	w.change(func() error { return w.store.Pin(id, pinned) })
}

// Delete takes a conversation away, with a way back.
func (w *Window) Delete(id int64, title string) {
	if id == w.Conversation {
		w.NewChat()
	}
	w.change(func() error {
		w.KVStore.forget(id)
		return w.store.Delete(id)
	})
	w.Notice = &Notice{Text: i18n.T("“%s” was deleted.", title), Action: i18n.T("Undo"), Do: func() {
		w.Dismiss()
		w.change(func() error { return w.store.Restore(id) })
	}}
	w.touch(DirtyNotice)
}

// change writes to the history in the background and reloads the list.
func (w *Window) change(work func() error) {
	crash.Go(func() {
		err := work()
		w.UIQueue.Post(func() {
			if err != nil {
				w.notify(err)
			}
			w.List.Reload()
		})
	})
}
