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
	"sirocco/app/view/i18n"
	"sirocco/assets"
	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
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
	ui.Speak(settings)
	o := ui.Options{
		ID: "app.sirocco.desktop", Version: cli.Number,
		Icon: assets.Icon, Sample: assets.Sample,
		Engines: engines(stderr), Settings: settings,
		Instance: instance, Files: files, Kept: filepath.Join(history.Dir(), "read"), Crashes: filepath.Join(xdg.StateHome, "sirocco"), Dump: os.Getenv("SIROCCO_WINDOW_DUMP"),
	}
	store, unkept, err := openHistory(history.Dir())
	if err != nil {
		instance.Close()   // a later start may find it mended
		_ = ui.Say(o, err) // where it cannot be shown the terminal has it
		return err
	}
	if unkept != "" {
		defer os.RemoveAll(unkept)
	}
	defer store.Close()
	if unkept != "" {
		notice = errors.New(i18n.T("This computer lets nothing be saved in %s: conversations are kept only until the window is closed. Free some space or make the folder writable, then start again.", history.Dir()))
	}
	o.Store, o.Notice = store, notice
	return ui.Run(ctx, o)
}

// openHistory opens the conversations. Where nothing can be written they live in a
// folder of their own until the window is closed, which is returned as well.
func openHistory(dir string) (store *history.Store, unkept string, err error) {
	store, err = history.Open(dir)
	if err == nil || !unwritable(dir) {
		return store, "", err
	}
	unkept, failed := os.MkdirTemp("", "sirocco-")
	if failed != nil {
		return nil, "", err
	}
	if store, failed = history.Open(unkept); failed != nil {
		os.RemoveAll(unkept)
		return nil, "", err
	}
	return store, unkept, nil
}

// unwritable reports whether a folder takes no file, by trying: its permissions, its
// disk and what it is on may each say no.
func unwritable(dir string) bool {
	if os.MkdirAll(dir, 0o700) != nil {
		return true
	}
	file, err := os.CreateTemp(dir, ".write-*")
	if err != nil {
		return true
	}
	defer os.Remove(file.Name())
	_, err = file.Write(make([]byte, 1<<16))
	return errors.Join(err, file.Close()) != nil
}

// engines runs models in a child process of this program.
func engines(stderr io.Writer) view.Engines {
	return view.Engines{
		Open: func(ctx context.Context, c view.Choice, progress func(chat.Load)) (chat.Engine, error) {
			if c.Remote != "" {
				return chat.Opened(remote.Open(ctx, remote.Options{URL: c.Remote, Model: c.Model, Key: remote.Key(c.Remote)}))
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
		PlanFor:    planFor,
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
func vocabulary(c view.Choice) (*tokenizer.Tokenizer, imageproc.Rule, error) {
	if c.Remote != "" {
		tok, err := remote.Tekken()
		return tok, imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}, err
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
	filled, err := chattemplate.FillSystem(template, name, time.Now())
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
