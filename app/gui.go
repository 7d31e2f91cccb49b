//go:build !headless

package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/adrg/xdg"

	"sirocco/app/cli"
	"sirocco/app/engine"
	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/app/remote"
	"sirocco/app/ui"
	"sirocco/app/view"
	"sirocco/assets"
	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/patch"
	"sirocco/model/prompt"
	"sirocco/model/tekken"
)

// errWindowless is for the build that has no window.
var errWindowless error

// openWindow opens the window, with files in its tray, and returns when it is
// closed. When one is open already it gets the files.
func openWindow(ctx context.Context, files []string, stderr io.Writer) error {
	xdg.Reload()
	folder := filepath.Join(xdg.DataHome, "sirocco")
	instance, err := view.Claim(folder, files)
	if errors.Is(err, view.ErrRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	defer instance.Close()
	settings, notice := view.LoadSettings(filepath.Join(xdg.ConfigHome, "sirocco", "window.json"))
	store, err := openHistory()
	if err != nil {
		return err
	}
	defer store.Close()
	return ui.Run(ctx, ui.Options{
		ID: "app.sirocco.desktop", Version: cli.Number,
		Icon: assets.Icon, Sample: assets.Sample,
		Engines: engines(stderr), Store: store, Settings: settings, Notice: notice,
		Instance: instance, Files: files, Kept: filepath.Join(history.Dir(), "read"), Crashes: filepath.Join(xdg.StateHome, "sirocco"), Dump: os.Getenv("SIROCCO_WINDOW_DUMP"),
	})
}

// openHistory opens the conversations.
func openHistory() (*history.Store, error) { return history.Open(history.Dir()) }

// engines runs models in a child process of this program.
func engines(stderr io.Writer) view.Engines {
	return view.Engines{
		Open: func(ctx context.Context, c view.Choice, progress func(chat.Load)) (chat.Engine, error) {
			if c.Remote != "" {
				return chat.Opened(remote.Open(ctx, remote.Options{URL: c.Remote, Key: remote.Key(c.Remote)}))
			}
			self, err := engine.Self()
			if err != nil {
				return nil, err
			}
			return chat.Opened(engine.Start(ctx, engine.Options{Command: append([]string{self, "engine"}, flags(c)...), Log: stderr, Progress: progress}))
		},
		Miniature:  library.MiniatureName,
		Vocabulary: vocabulary,
		System:     systemPrompt,
		Devices:    devices,
		Plan:       planOf,
		Foresee:    foresee,
	}
}

// flags are a choice as the engine's command line.
func flags(c view.Choice) (args []string) {
	for _, f := range []struct{ name, value string }{{"--model", c.Model}, {"--mmproj", c.MMProj}, {"--device", c.Device}} {
		if f.value != "" {
			args = append(args, f.name+"="+f.value)
		}
	}
	if c.Context > 0 {
		args = append(args, "--ctx="+strconv.Itoa(c.Context))
	}
	return args
}

// vocabulary is the tokenizer of a choice and how it cuts pictures up. A server
// is taken to run the real model, whose vocabulary is inside this program.
func vocabulary(c view.Choice) (*tekken.Tokenizer, patch.Rule, error) {
	if c.Remote != "" {
		tok, err := remote.Tekken()
		return tok, patch.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}, err
	}
	return (&cli.VocabularyFlags{Model: c.Model}).Open()
}

// systemPrompt is the one in the model's folder, or the recommended one, which a server
// gets: it has no folder here.
func systemPrompt(c view.Choice, name string) string {
	template := assets.SystemPrompt
	if found, err := library.Resolve(c.Model); err == nil && c.Remote == "" {
		if data, err := os.ReadFile(filepath.Join(found.Path, "SYSTEM_PROMPT.txt")); err == nil {
			template = string(data)
		}
	}
	filled, err := prompt.FillSystem(template, name, time.Now())
	if err != nil {
		return ""
	}
	return filled
}

// devices lists the adapters; a machine that cannot be asked has none to choose.
func devices() (list []view.Device) {
	adapters, err := gpu.Adapters()
	if err != nil {
		return nil
	}
	for _, a := range adapters {
		list = append(list, view.Device{Spec: strconv.Itoa(a.Index), Name: a.Name})
	}
	return list
}
