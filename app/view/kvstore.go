package view

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sirocco/app/crash"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// KVStore holds on disk what the model has read of conversations, so that the first
// question after a start, or after the model rested, does not read all of it again.
// The engine writes behind each answer what that added (chat.Request.Resume), so
// nothing is left to be done when the window closes, or is killed. A file goes with
// its conversation.
type KVStore struct {
	Bytes int64 // of all files
	Files int

	folder string
	mu     sync.Mutex // one tidies at a time
}

// maxKVBytes is what all files together may take; the oldest go first.
const maxKVBytes = 32e9

const kvSuffix = ".read"

func (k *KVStore) path(conversation int64) string {
	return filepath.Join(k.folder, strconv.FormatInt(conversation, 10)+kvSuffix)
}

// ready makes sure that a conversation's file can be written. What lies there and is
// none of ours is left alone.
func (k *KVStore) ready(conversation int64) (path string, err error) {
	path = k.path(conversation)
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		return "", fmt.Errorf("what was read is not kept: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("what was read is not kept: %w", err)
	}
	defer file.Close()
	start := make([]byte, len(chat.KVSnapshotMagic))
	n, err := io.ReadFull(file, start)
	if err == io.EOF || string(start) == chat.KVSnapshotMagic {
		return path, nil
	}
	return "", fmt.Errorf("what was read is not kept: %s begins with %q and is none of Sirocco's files; it is left alone", path, start[:n])
}

// forget removes a conversation's file.
func (k *KVStore) forget(conversation int64) { _ = os.Remove(k.path(conversation)) }

// kvFile is one file.
type kvFile struct {
	path         string
	conversation int64
	bytes        int64
	written      time.Time
}

func (k *KVStore) list() (files []kvFile) {
	found, _ := os.ReadDir(k.folder) // one that is not there has no files
	for _, entry := range found {
		name, ours := strings.CutSuffix(entry.Name(), kvSuffix)
		id, err := strconv.ParseInt(name, 10, 64)
		info, gone := entry.Info()
		if ours && err == nil && gone == nil && info.Mode().IsRegular() {
			files = append(files, kvFile{filepath.Join(k.folder, entry.Name()), id, info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b kvFile) int { return b.written.Compare(a.written) })
	return files
}

// tidy removes files whose conversation is gone, and the oldest where all take more
// than they may; it says what is left.
func (k *KVStore) tidy(judge func() (gone func(conversation int64) bool), most int64) (files int, bytes int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := k.list()
	gone := judge() // after the files: a conversation is there before its own
	for _, f := range list {
		if bytes+f.bytes > most || gone(f.conversation) {
			if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
				continue
			}
		}
		files, bytes = files+1, bytes+f.bytes
	}
	return files, bytes
}

// KeepRead switches it on or off, and remembers that. Off, all files go.
func (w *Window) KeepRead(on bool) {
	w.Settings.KeepRead = on
	w.Settings.Save()
	w.tidyKept()
}

// tidyKept looks after the files in the background.
func (w *Window) tidyKept() {
	most := int64(maxKVBytes)
	if !w.Settings.KeepRead {
		most = -1 // not even an empty one
	}
	crash.Go(func() {
		files, bytes := w.KVStore.tidy(w.gone, most)
		w.UIQueue.Post(func() {
			w.KVStore.Files, w.KVStore.Bytes = files, bytes
			w.touch(DirtyModels)
		})
	})
}

// gone tells which conversations the history has no more. One that cannot be read
// has them all.
func (w *Window) gone() func(int64) bool {
	list, err := w.store.Conversations()
	known := map[int64]bool{}
	for _, c := range list {
		known[c.ID] = true
	}
	return func(id int64) bool { return err == nil && !known[id] }
}

// KeptLine says what is on disk, and what more would take.
func (w *Window) KeptLine() string {
	text := i18n.T("on disk now: %s of %d conversations", Size(w.KVStore.Bytes), w.KVStore.Files)
	if p := w.Plan; p != nil && p.Context > 0 {
		for _, item := range p.Items {
			if item.Use == UseConversation {
				text += "; " + i18n.T("1,000 tokens take %s", Size(item.Bytes*1000/int64(p.Context)))
			}
		}
	}
	return text
}

// resumable is a job's request with the file that keeps what was read of it. The
// history keeps the request without: a file of this machine is nothing to export.
func (w *Window) resumable(j *job, tell func(chat.Event)) *chat.Request {
	if !j.saveKV || j.conversation == 0 {
		return j.request
	}
	asked := *j.request
	path, err := w.KVStore.ready(j.conversation)
	if err != nil {
		tell(chat.Event{Kind: chat.KindNotice, Text: err.Error()})
	}
	asked.Resume = path
	return &asked
}
