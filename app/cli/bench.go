package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sirocco/app/library"
	"sirocco/gpu"
	"sirocco/model"
)

// Bench measures how fast a model runs on a device, beside what the device can
// do at best.
type Bench struct {
	ModelFlags

	Synthetic    string `enum:",tiny,1b,full" default:"" placeholder:"SHAPE" help:"Random weights of a shape instead of a model: tiny, 1b or full (the 24B)."`
	Type         string `default:"q4_0" enum:"q4_0,q4_k,q6_k,q8_0,f16,bf16" help:"How synthetic weights are stored: q4_0, q4_k, q6_k, q8_0, f16 or bf16."`
	VisionLayers int    `placeholder:"N" help:"So many layers of a synthetic tower. Without it: all."`
	Prompt       string `default:"128" placeholder:"N,…" help:"Lengths of the prompts to read, in tokens; none leaves them out."`
	Generate     int    `default:"32" placeholder:"N" help:"Tokens to generate; 0 leaves that out."`
	Depth        string `default:"0" placeholder:"N,…" help:"Tokens that are there already."`
	AtOnce       string `default:"none" placeholder:"N,…" help:"Also decoding for so many conversations in one pass, as the server does; tokens of all are counted."`
	Repeat       int    `default:"3" placeholder:"N" help:"Runs of every measurement."`
	Image        string `placeholder:"WxH,…" help:"Sizes of pictures in pixels, or none. Without it: the largest the model sees; on a software adapter at most 448x448."`
	Recording    bool   `help:"Also what recording costs: decoding whose every event is kept in a history, as in the window, and decoding that is not, in turn."`
	Pairs        int    `default:"0" placeholder:"N" help:"Pairs of recorded and unrecorded decoding for --recording; the more, the narrower its bounds. Without it: as --repeat, 3 at least."`
	Cold         bool   `help:"Load from the disk: the files are taken out of the system's memory before (Linux)."`
	Growth       bool   `help:"How time and memory grow with the length of a prompt, what came before a word, and the patches of a picture, on made-up weights; nothing else is measured."`
	NoKernels    bool   `help:"Leave out the round in which every kernel is timed by the device's clock."`
	JSON         bool   `name:"json" help:"One JSON object on stdout."`
}

// Run measures and prints.
func (b *Bench) Run(ctx context.Context, s *Streams) error {
	if b.Growth {
		return b.growth(ctx, s)
	}
	plan, err := b.plan()
	if err != nil {
		return err
	}
	if b.Recording {
		keep, remove, err := eventRecorder()
		if err != nil {
			return err
		}
		defer remove()
		plan.Recorder, plan.Pairs = keep, b.Pairs
	}
	progress := newPrinter(s, false)
	plan.Progress = func(what string) { progress.printf("measuring: %s", what) }
	m, read, err := b.load(ctx, s, plan, progress)
	if err != nil {
		progress.clear()
		return err
	}
	defer m.Close()
	if b.Image == "" {
		plan.Images = defaultPicture(m)
	}
	report, err := m.Bench(ctx, plan)
	progress.clear()
	if err != nil {
		return err
	}
	report.Read(read)
	if b.JSON {
		encoder := json.NewEncoder(s.Out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	return b.print(s, report)
}

// load opens the model or makes one up, with as much context as is needed. Files
// are read once before, so that how fast they load can be compared with how fast
// they can be read.
func (b *Bench) load(ctx context.Context, s *Streams, plan model.BenchPlan, p *printer) (*model.Model, *model.Reading, error) {
	if b.Ctx == 0 {
		b.Ctx = (plan.Context() + 255) / 256 * 256
	}
	if b.Synthetic != "" {
		if b.Model != "" {
			return nil, nil, &UsageError{"--synthetic makes a model up, so --model has no place beside it"}
		}
		if b.Cold {
			return nil, nil, &UsageError{"--synthetic makes a model up, so there are no files to read from the disk (--cold)"}
		}
		p.printf("making weights up")
		m, err := model.OpenSynthetic(ctx, model.Synthetic{Shape: b.Synthetic, Type: b.Type, VisionLayers: b.VisionLayers}, b.options(plan, p))
		return m, nil, err
	}
	choice, err := library.Resolve(b.Model)
	if err != nil {
		return nil, nil, err
	}
	if b.MMProj == "" {
		b.MMProj = choice.MMProj
	}
	p.printf("reading the files once")
	packed := b.Quantize != "" && b.Quantize != "none"
	read, err := model.ReadFiles(ctx, choice.Path, model.ReadOptions{MMProj: b.MMProj, Quantise: packed, Cold: b.Cold})
	if err != nil {
		return nil, nil, err
	}
	o := b.options(plan, p)
	o.Miniature = choice.Miniature
	m, err := model.Open(ctx, choice.Path, o)
	return m, read, err
}

func (b *Bench) options(plan model.BenchPlan, p *printer) model.Options {
	return model.Options{
		Device: b.Device, Tokenizer: b.Tokenizer, NoTokenizer: b.Tokenizer == "" && !b.Recording, MMProj: b.MMProj, Context: b.Ctx, KV: b.KV, Quantize: b.Quantize, Tune: b.Tune,
		Parallel: slices.Max(append(plan.AtOnce, 1)), Progress: p.load, GPU: gpu.Options{Profilable: true, MaxMemory: int64(b.Memory)},
	}
}

// plan reads the lists of numbers.
func (b *Bench) plan() (p model.BenchPlan, err error) {
	p = model.BenchPlan{Generate: b.Generate, Repeat: b.Repeat, Untimed: b.NoKernels}
	if b.Generate < 0 || b.Repeat < 1 || b.VisionLayers < 0 || b.Pairs < 0 {
		return p, &UsageError{"--generate, --vision-layers and --pairs cannot be negative, and --repeat is at least 1"}
	}
	if p.Prompts, err = numbers("--prompt", b.Prompt, 1); err != nil {
		return p, err
	}
	if p.Depths, err = numbers("--depth", b.Depth, 0); err != nil {
		return p, err
	}
	if p.AtOnce, err = numbers("--at-once", cmp.Or(b.AtOnce, "none"), 1); err != nil {
		return p, err
	}
	p.Images, err = sizes(b.Image)
	return p, err
}

// numbers reads "128,512"; "none" is an empty list.
func numbers(flag, text string, least int) (list []int, err error) {
	if text == "none" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < least || n > 1<<20 {
			return nil, &UsageError{fmt.Sprintf("%s %s: %q is not a number of tokens", flag, text, word)}
		}
		list = append(list, n)
	}
	return list, nil
}

// sizes reads "1540x1540,640x480"; "none" and nothing are empty lists.
func sizes(text string) (list [][2]int, err error) {
	if text == "none" || text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		width, height, _ := strings.Cut(strings.TrimSpace(word), "x")
		w, err1 := strconv.Atoi(width)
		h, err2 := strconv.Atoi(height)
		if err1 != nil || err2 != nil || w < 1 || h < 1 || w > 1<<14 || h > 1<<14 {
			return nil, &UsageError{fmt.Sprintf("--image %s: %q is not a width and height as in 640x480", text, word)}
		}
		list = append(list, [2]int{w, h})
	}
	return list, nil
}

// defaultPicture is the largest the model sees; a processor would take minutes.
func defaultPicture(m *model.Model) [][2]int {
	side := m.PictureSize()
	if side == 0 {
		return nil
	}
	if m.About().Device.Kind == gpu.Software.String() {
		side = min(side, 448)
	}
	return [][2]int{{side, side}}
}
