package view

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sirocco/model/chat"
)

// The themes.
const (
	ThemeSystem = "" // light or dark as the desktop is
	ThemeLight  = "light"
	ThemeDark   = "dark"
)

// Settings are what the user chose and how the window was left. They are one
// JSON file, written whole.
type Settings struct {
	Preset               // of conversations without one of their own
	Presets     []Preset // saved under a name
	Choice      Choice
	Servers     []string // addresses of servers used before
	Builtin     bool     // the model is told of the tools built in
	Share       bool     // other programs of this machine may ask the engine
	KeepRead    bool     // what the model has read of conversations is kept on disk
	IdleMinutes int      // after which the model is unloaded; 0: never
	Speeds      map[string]Speed

	Theme     string
	Language  string // "" is the desktop's
	TextScale int    // per cent

	Width, Height float32
	Side          bool    // the side list is open
	SideWidth     float64 // share of the window
	Conversation  int64   // that was open
	Welcomed      bool    // the first-run card was answered

	path string
}

// LoadSettings reads a settings file. A missing one gives the defaults, a broken
// one too, together with an error that says so.
func LoadSettings(path string) (*Settings, error) {
	s := &Settings{Preset: Preset{Params: chat.DefaultSampling()}, TextScale: 100, Width: 1120, Height: 760, Side: true, path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("reading the settings: %w; the defaults are used", err)
	}
	defaults := *s
	if err := json.Unmarshal(data, s); err != nil {
		*s = defaults
		return s, fmt.Errorf("reading the settings: %s is damaged (%w); the defaults are used", path, err)
	}
	s.TextScale = min(max(s.TextScale, MinScale), MaxScale)
	return s, nil
}

// The text can be this small and this large, in per cent.
const (
	MinScale = 70
	MaxScale = 300
)

// Save writes the file, in one step so that a crash leaves the old one.
func (s *Settings) Save() {
	if s.path == "" {
		return
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return
	}
	if os.MkdirAll(filepath.Dir(s.path), 0o755) != nil {
		return
	}
	scratch := s.path + ".new"
	if os.WriteFile(scratch, append(data, '\n'), 0o600) == nil {
		_ = os.Rename(scratch, s.path)
	}
}

// Zoom makes the text larger or smaller by a step, or with 0 sets it back.
func (s *Settings) Zoom(step int) {
	if step == 0 {
		s.TextScale = 100
	} else {
		s.TextScale = min(max(s.TextScale+10*step, MinScale), MaxScale)
	}
	s.Save()
}

// NextTheme goes round: as the desktop, light, dark.
func (s *Settings) NextTheme() {
	s.Theme = map[string]string{ThemeSystem: ThemeLight, ThemeLight: ThemeDark, ThemeDark: ThemeSystem}[s.Theme]
	s.Save()
}
