// Package model is the engine: it opens a checkpoint, puts its weights on a
// GPU and turns a chat.Request into a stream of chat.Events. It knows no window
// and no network. Open this file first, then generate.go, which is the road a
// question takes: prompt → vision → text → sample → reply.
package model

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/checkpoint"
	"sirocco/model/config"
	"sirocco/model/imageproc"
	"sirocco/model/text"
	"sirocco/model/tokenizer"
	"sirocco/model/toolgrammar"
	"sirocco/model/upload"
	"sirocco/model/vision"
)

// defaultContext is the context length when none is asked for: long enough for
// several large pictures, short enough for its cache to fit beside the weights.
const defaultContext = 32768

// Options say how to open a checkpoint. The zero value is fine.
type Options struct {
	Device    string // adapter index or part of its name; "" is the best one
	Tokenizer string // a tekken.json in place of the one that came with the weights
	// NoTokenizer opens a model whose vocabulary or template cannot be read, too. It can
	// be measured, not asked.
	NoTokenizer bool
	MMProj      string // the vision file of a GGUF model; "" is the one beside it
	Context     int    // tokens; 0 is the model's own limit, 32768 at most
	KV          string // "f16", "f32" or "q8"; "" is f16, or q8 where nothing else fits
	Quantize    string // "q4" or "q8": matrices stored as plain numbers are packed while they are loaded; "" and "none" leave them
	Parallel    int    // answers that are made at once, where there is room; 0 is 1
	// ParallelFirst makes the context shorter, unless one is asked for, until there is
	// room for all of Parallel.
	ParallelFirst bool
	Miniature     bool   // the embedded model answers; said in About
	Tune          string // shapes of kernels, as in tune.Options.Mode; "" and "off" take those that suit a kind of adapter
	// Progress hears how many bytes of weights have been read.
	Progress func(chat.Load)
	// GPU lets tests pretend a smaller adapter; its Device is overruled by the
	// one above.
	GPU gpu.Options
	// Freed is for plans while the device is in use: so many bytes of it will be free,
	// since what holds them is closed first. 0 is a plan for now.
	Freed int64
	// Unmeasured plans do not touch the device.
	Unmeasured bool
}

// Model is an opened checkpoint on a device. Callers from several goroutines wait
// for a slot, and those who have one share the device (batcher.go).
type Model struct {
	mu            sync.RWMutex // held for reading by every answer
	deviceLock    deviceLock   // on the device, for a chunk of a prompt, a picture or a step
	batcher       *batcher     // makes the steps of several answers one
	config        config.Config
	tok           *tokenizer.Tokenizer
	rule          imageproc.Rule
	devices       []*gpu.Device // in the order of the layers; most often one
	device        *gpu.Device   // the first, which has the tower, too
	stored        stored        // what the checkpoint holds, without the bytes
	plan          Plan
	vision        *vision.Encoder // nil for text-only checkpoints
	text          *text.Decoder
	about         chat.About
	system        string
	loaded        time.Duration
	uploaded      time.Duration // the weights alone
	worked        float64       // seconds of all processors meanwhile
	pictures      pictures
	compiler      *toolgrammar.Compiler // of schemas and tools
	slots         *slotPool             // of conversations
	parallel      int                   // how many there are
	noSpeculation bool                  // of what an answer says next
	alwaysTopK    bool                  // rows of logits stay on the device even where that is the host
	fingerprint   string                // whose keys and values these are
	notices       []string
}

// Open reads the checkpoint in path (a folder in Hugging Face's or Mistral's
// layout, or a GGUF file) and puts its weights on the device. A cancelled ctx
// ends the loading.
func Open(ctx context.Context, path string, o Options) (*Model, error) {
	started := time.Now()
	opened, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: o.MMProj})
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	m := &Model{config: opened.Config()}
	if err := m.openTokenizer(opened, o.Tokenizer); err != nil && !o.NoTokenizer {
		return nil, err
	}
	if m.system, err = systemPrompt(opened.Info().SystemPrompt); err != nil {
		return nil, err
	}
	if err := m.load(ctx, opened, o); err != nil {
		m.Close()
		return nil, err
	}
	m.about = m.describe(opened, path, o.Miniature)
	m.fingerprint = m.identity(opened.Info().Files)
	m.notices = append(m.notices, opened.Info().Notices...)
	if notice := m.device.Info().Notice(); notice != "" {
		m.notices = append(m.notices, notice)
	}
	m.loaded = time.Since(started)
	return m, nil
}

// load opens the device, plans what will be on it and puts the weights of both
// halves there.
func (m *Model) load(ctx context.Context, source upload.Source, o Options) error {
	if err := m.place(source, o); err != nil {
		return err
	}
	if err := m.tune(ctx, o); err != nil {
		return err
	}
	started, worked := time.Now(), processorSeconds()
	loader := upload.New(ctx, m.device, source, o.Progress)
	loader.Quantise(upload.Quantise(o.Quantize))
	if v := m.config.Vision; v != nil {
		m.rule = imageproc.Rule{PatchSize: v.PatchSize, MaxSize: v.ImageSize, Merge: v.Merge}
		encoder, err := vision.New(m.device, *v, m.config.Text.Dim, loader)
		if err != nil {
			return err
		}
		m.vision = encoder
	}
	m.setParallel(o.Parallel)
	decoder, err := text.NewChain(m.stages(), m.config.Text, loader, text.Options{
		Context: m.plan.Context,
		KV:      m.plan.KV,
		Slots:   m.parallel,
	})
	if err != nil && m.parallel > 1 {
		err = fmt.Errorf("%w; %d answers are to be made at once, give --parallel a smaller number", err, m.parallel)
	}
	if err != nil {
		return err
	}
	m.text = decoder
	m.uploaded, m.worked = time.Since(started), processorSeconds()-worked
	m.slots, m.batcher = newSlotPool(m.text), newBatcher()
	m.deviceLock = m.batcher.deviceLock
	return nil
}

// place plans what the model takes and opens the devices it takes it on.
func (m *Model) place(source upload.Source, o Options) (err error) {
	if m.stored, err = storedIn(m.config, source, upload.Quantise(o.Quantize)); err != nil {
		return err
	}
	if m.plan, err = planOn(m.stored, o); err != nil {
		return err
	}
	m.notices = append(m.notices, m.plan.Steps...)
	for _, place := range m.plan.Places {
		o.GPU.Device = strconv.Itoa(place.Device)
		device, err := gpu.Open(o.GPU)
		if err != nil {
			return err
		}
		m.devices = append(m.devices, device)
	}
	m.device = m.devices[0]
	return nil
}

// stages are the devices with the layers that the plan gives them.
func (m *Model) stages() (stages []text.Stage) {
	for i, place := range m.plan.Places {
		stages = append(stages, text.Stage{Device: m.devices[i], Layers: place.Layers, Offloaded: place.Offloaded})
	}
	return stages
}

// PictureSize is the longest side of a picture the model sees, in pixels; 0 for
// a text-only checkpoint.
func (m *Model) PictureSize() int { return m.rule.MaxSize }

// Plan is what the model was expected to take before it was loaded.
func (m *Model) Plan() Plan { return m.plan }

// openTokenizer finds the vocabulary: the one named, else the one that came
// with the weights.
func (m *Model) openTokenizer(opened *checkpoint.Checkpoint, named string) (err error) {
	var tok *tokenizer.Tokenizer
	if named != "" {
		tok, err = tokenizer.Open(named)
	} else {
		tok, err = opened.Tokenizer()
	}
	if err != nil {
		return err
	}
	if tok.VocabSize() != m.config.Text.Vocab {
		return fmt.Errorf("the tokenizer has %d tokens but the model in %s has %d; they do not belong together", tok.VocabSize(), opened.Info().Folder, m.config.Text.Vocab)
	}
	if err := chattemplate.Check(tok); err != nil {
		return fmt.Errorf("opening %s: %w", opened.Info().Folder, err)
	}
	m.tok = tok
	m.compiler = toolgrammar.NewCompiler(tok)
	return nil
}

// describe fills in About.
func (m *Model) describe(opened *checkpoint.Checkpoint, path string, miniature bool) chat.About {
	name := filepath.Base(filepath.Clean(path))
	if miniature {
		name = "Breeze"
	}
	adapter, info := m.device.Info(), opened.Info()
	var pictures *chat.PictureRule
	if m.vision != nil {
		pictures = &chat.PictureRule{PatchSize: m.rule.PatchSize, MaxSize: m.rule.MaxSize, Merge: m.rule.Merge}
	}
	return chat.About{
		Model: chat.ModelInfo{
			Name:       name,
			Parameters: info.Parameters,
			Format:     info.Format,
			Context:    m.text.Context(),
			Vision:     m.vision != nil,
			Miniature:  miniature,
			Pictures:   pictures,
			Parallel:   m.parallel,
		},
		Device: chat.DeviceInfo{Name: m.plan.devices(), Backend: adapter.Backend, Kind: adapter.Kind.String()},
	}
}

// About says which model answers on which device.
func (m *Model) About() chat.About { return m.about }

// Notices are sentences a person should read once: an odd checkpoint, a
// software adapter.
func (m *Model) Notices() []string { return m.notices }

// Tokenizer is the model's vocabulary.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tok }

// systemPrompt reads the recommended system prompt that lies beside the
// weights; "" when none does.
func systemPrompt(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the model's system prompt: %w", err)
	}
	return string(data), nil
}

// SystemPrompt is the system prompt recommended by the model's own folder, with
// {name}, {today} and {yesterday} still to be filled in; "" when it has none.
func (m *Model) SystemPrompt() string { return m.system }

// Close gives the device's memory back.
func (m *Model) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pictures.trim(0)
	if m.text != nil {
		m.text.Close()
	}
	if m.vision != nil {
		m.vision.Close()
	}
	for _, device := range m.devices {
		device.Close()
	}
	m.devices, m.device = nil, nil
}
