package view

// Snapshot is what the window shows, for tests that look from outside.
type Snapshot struct {
	Conversation int64
	Title        string
	Messages     []MessageSnapshot
	Answering    bool
	Tray         []string // names
	Refused      []string
	Engine       string // "ready", "starting", "off", "broken"
	Model        string
	Miniature    bool
	Gauge        ContextMeter
	List         []string
	Query        string
	Notice       string
	Theme        string
	TextScale    int
	Share        string // the server's address
	Preset       string // that the open conversation has chosen
	Presets      []string
}

// MessageSnapshot is one message.
type MessageSnapshot struct {
	Role, Text        string
	Pictures          int
	Version, Versions int
	State             State
	Blocks            int
	Trouble           string
	Calls             []string // the lines that tell them
	Ask               string   // the tool that waits for permission
	Cached            int      // tokens of the prompt that were not read anew
	Notices           []string
}

// Snapshot describes the window as it is now.
func (w *Window) Snapshot() Snapshot {
	s := Snapshot{
		Conversation: w.Conversation, Title: w.Title, Answering: w.Answering != nil, Engine: w.Host.Phase.String(),
		Model: w.Host.About.Model.Name, Miniature: w.Miniature(), Gauge: w.ContextMeter, Query: w.List.Query,
		Theme: w.Settings.Theme, TextScale: w.Settings.TextScale,
		Share: w.LocalServer.Address,
	}
	for _, m := range w.Messages {
		s.Messages = append(s.Messages, m.snapshot())
	}
	for _, item := range w.Attachments.Items {
		s.Tray = append(s.Tray, item.Name)
	}
	for _, r := range w.Attachments.Refusals {
		s.Refused = append(s.Refused, r.Name)
	}
	for _, row := range w.List.Rows {
		if row.Heading == "" {
			s.List = append(s.List, row.Title)
		}
	}
	s.Preset = w.Preset().Name
	for _, p := range w.Settings.Presets {
		s.Presets = append(s.Presets, p.Name)
	}
	if w.Notice != nil {
		s.Notice = w.Notice.Text
	}
	return s
}

func (m *Message) snapshot() MessageSnapshot {
	s := MessageSnapshot{Role: string(m.Role), Text: m.Text, Pictures: len(m.Pictures), Version: m.Version, Versions: m.Versions}
	if a := m.Answer; a != nil {
		s.Text, s.State, s.Blocks = a.Text, a.State, len(a.Blocks.Finished())
		s.Cached, s.Notices = a.Usage.CachedTokens, a.Notices
		for _, c := range a.Calls {
			s.Calls = append(s.Calls, c.Line())
		}
		if a.Ask != nil {
			s.Ask = a.Ask.Name
		}
		if a.Trouble != nil {
			s.Trouble = a.Trouble.Sentence
		}
	}
	return s
}
