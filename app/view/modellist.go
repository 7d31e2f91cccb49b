package view

import (
	"context"
	"errors"
	"time"

	"sirocco/app/crash"
	"sirocco/app/library"
	"sirocco/app/library/pull"
	"sirocco/app/view/i18n"
)

// ModelList is the models page: what is installed, and what can be fetched.
type ModelList struct {
	Installed []library.Entry
	Current   string // of them, what runs when none is named; "" is the miniature
	Catalogue []library.Product
	Fetching  *Fetching // a download that goes on or was paused; or nil

	library library.Library
	hub     string
	queue   *UIQueue
	changed func()
	fault   func(error)
}

// Fetching is a download.
type Fetching struct {
	Product library.Product
	Event   pull.Event
	Paused  bool
	Fault   *Trouble

	cancel context.CancelFunc
}

// LocalServer is how much is there, 0..1, or -1 while that is not known.
func (f *Fetching) Share() float64 {
	if f.Event.Total <= 0 {
		return -1
	}
	return float64(f.Event.Bytes) / float64(f.Event.Total)
}

// Line says how far the download is.
func (f *Fetching) Line() string {
	e := f.Event
	switch {
	case f.Fault != nil:
		return f.Fault.Sentence
	case f.Paused:
		return i18n.T("Paused at %s of %s", Size(e.Bytes), Size(e.Total))
	case e.Phase == pull.Checking:
		return i18n.T("Checking %s: %s of %s", e.File, Size(e.Bytes), Size(e.Total))
	case e.Phase == pull.Fetching && e.Speed > 0:
		return i18n.T("%s of %s · %s/s · %s left", Size(e.Bytes), Size(e.Total), Size(int64(e.Speed)), e.Left.Round(time.Second).String())
	case e.Phase == pull.Fetching:
		return i18n.T("%s of %s", Size(e.Bytes), Size(e.Total))
	}
	return i18n.T("Asking what there is to fetch…")
}

// Reload reads the library in the background.
func (s *ModelList) Reload() {
	crash.Go(func() {
		installed, current, err := s.library.Models()
		catalogue, fault := library.OpenCatalogue("")
		s.queue.Post(func() {
			if err = errors.Join(err, fault); err != nil {
				s.fault(err)
			}
			s.Installed, s.Current, s.Catalogue, s.hub = installed, current, catalogue.Models, catalogue.Hub
			s.changed()
		})
	})
}

// Has tells whether a product is installed.
func (s *ModelList) Has(p library.Product) bool {
	for _, e := range s.Installed {
		if e.Name == p.Name {
			return true
		}
	}
	return false
}

// Fetch begins a download, or goes on with one that was paused or failed.
func (s *ModelList) Fetch(p library.Product, hub string) {
	if s.Fetching != nil && s.Fetching.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &Fetching{Product: p, cancel: cancel}
	if s.Fetching != nil && s.Fetching.Product.Name == p.Name {
		f.Event = s.Fetching.Event
	}
	s.Fetching = f
	if hub == "" {
		hub = s.hub
	}
	crash.Go(func() {
		_, err := s.library.Pull(ctx, library.Fetch{Product: p, Hub: hub, Options: pull.Options{
			OnEvent: func(e pull.Event) { s.queue.Post(func() { f.Event = e; s.changed() }) },
		}})
		s.queue.Post(func() { s.ended(f, err) })
	})
	s.changed()
}

// Pause ends the connections; what is there stays.
func (s *ModelList) Pause() {
	if s.Fetching != nil && s.Fetching.cancel != nil {
		s.Fetching.Paused = true
		s.Fetching.cancel()
		s.changed()
	}
}

func (s *ModelList) ended(f *Fetching, err error) {
	f.cancel = nil
	switch {
	case f.Paused:
	case err != nil:
		f.Fault = Explain(err)
	default:
		s.Fetching = nil
	}
	s.Reload()
}

// Add registers a model where it lies.
func (s *ModelList) Add(path string) {
	crash.Go(func() {
		err := s.library.Add(library.Entry{Name: library.NameFor(path), Path: path, Added: time.Now().UTC().Truncate(time.Second)})
		s.queue.Post(func() {
			if err != nil {
				s.fault(err)
			}
			s.Reload()
		})
	})
}
