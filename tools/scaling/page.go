package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// fleets are the steps beyond one's own machine.
var fleets = []struct {
	name     string
	replica  replica
	replicas int
}{
	{"1 × H100, BF16", replica{"bf16", h100, 1, false}, 1},
	{"1 × H100, FP8", replica{"fp8", h100, 1, true}, 1},
	{"2 × H100, tensor-parallel, BF16", replica{"tp2", h100, 2, false}, 1},
	{"8 replicas of 1 × H100, FP8", replica{"fp8", h100, 1, true}, 8},
	{"1,000 replicas of 1 × H100, FP8", replica{"fp8", h100, 1, true}, 1000},
}

// writer remembers the first error.
type writer struct {
	out io.Writer
	err error
}

func (w *writer) say(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", args...)
	}
}

// page writes the whole document.
func page(out io.Writer) error {
	w := &writer{out: out}
	w.say("# From one laptop to a fleet\n")
	w.say("Printed by `go run ./tools/scaling`; nothing here was measured on these machines. It is arithmetic over the constants at the end,")
	w.say("each with its source, and those marked `?` are guesses that decide as much as the others: read the figures as \"about\".\n")
	w.say("The unit is a **turn** of a conversation: a picture of %d × %d pixels (%s tokens), a question of %d tokens, an answer of %d;", pictureWide, pictureHigh, grouped(int64(pictureTokens())), textTokens, answerTokens)
	w.say("%d turns to a conversation behind a system prompt of %d tokens, %.0f s of thought between answer and question. A prompt has %s tokens on", turns, systemTokens, thinkSeconds, grouped(int64(meanPrompt())))
	w.say("average. Machines are filled to %.0f %%, and no answer is written slower than %.0f tokens/s. A person asks every %.0f s.\n", 100*load, minSpeed, between)
	own(w)
	vllm(w)
	routing(w)
	commands(w)
	sources(w)
	return w.err
}

// people is how many may talk at once to something that serves so many turns per
// second.
func people(turnsPerSecond float64) float64 { return math.Floor(turnsPerSecond * between) }

func own(w *writer) {
	turn := ownTurn(workstation)
	limit := people(load / turn)
	kv := (workstation.memory - q4File.value - towerBytes.value - 1.5e9) / kvBytes.value
	w.say("## Sirocco's own server, and where it stops\n")
	w.say("On an %s with Q4_K_M one answer alone is written at %.0f tokens/s, four at once at %.0f together. A turn takes %.1f s of the card:", workstation.name, 1/ownStep(workstation), batchGain.value/ownStep(workstation), turn)
	w.say("%.1f s to see the picture and read the question, the rest to answer. At %.0f %% that is %.2f turns/s: **%.0f people** at the same time.", turn-answerTokens*ownStep(workstation)/batchGain.value, 100*load, load/turn, limit)
	w.say("The card's memory holds %.0f thousand tokens beside the weights (1.5 GB left to the desktop, ?), %.0f conversations of this kind.", kv/1000, math.Floor(kv/(systemTokens+float64(turns*turnTokens()))))
	w.say("Beyond %.0f people, or beyond one machine, vLLM is the right tool: the same window, `ask` and `eval` talk to it with `--remote`.\n", limit)
}

func vllm(w *writer) {
	w.say("## What vLLM holds and serves\n")
	w.say("Conversations stay with their replica (see below). `first token` is the time to read one whole prompt of a turn with its picture, nothing")
	w.say("cached and nobody else there. Cost is %.2f $ per card and hour.\n", price.value)
	w.say("| | weights | tokens held | answers at once | tokens/s | pictures/s alone | first token | turns/s | people | $ per 1,000 turns |")
	w.say("|---|---|---|---|---|---|---|---|---|---|")
	for _, f := range fleets {
		r, n := f.replica, float64(f.replicas)
		rate := capacity(r, f.replicas, true, 0).turnsPerSecond
		pictures := load / r.read(float64(pictureTokens()), true)
		cost := price.value / 3600 * float64(r.cards) / rate * 1000
		w.say("| %s | %.1f GB | %s | %s | %s | %s | %.2f s | %s | %s | %.3f |", f.name, r.weights()/1e9, count(n*r.kvTokens()), count(n*r.batch()),
			count(n*r.batch()/r.step(r.batch())), count(n*pictures), r.read(meanPrompt(), true), count(n*rate), count(people(n*rate)), cost)
	}
	one, two := fleets[1].replica, fleets[2].replica
	gain := 2 * capacity(one, 1, true, 0).turnsPerSecond / capacity(two, 1, true, 0).turnsPerSecond
	w.say("\nTwo cards as two FP8 replicas serve %.1f times the turns of two cards as one BF16 replica; the pair is for who must have BF16 and", gain)
	w.say("long contexts on one server (131,072 tokens take %.1f GB), not for load.\n", 131072*kvBytes.value/1e9)
}

func routing(w *writer) {
	r := fleets[1].replica
	const host = 256e9
	extra := host / kvBytes.value
	w.say("## What prefix-aware routing changes\n")
	w.say("A replica that has seen the earlier turns need not read them again. The simulation (`tools/scaling/route.go`) draws conversations at the")
	w.say("rate each fleet serves, lets each replica keep what its memory holds, the least recently used going first, and counts for %.0f minutes", countSeconds/60)
	w.say("once the caches are full. `and host` keeps %.0f GB more in the host's memory (the chart's `lmcacheConfig.cpuOffloadingBufferSize`).\n", host/1e9)
	w.say("| FP8 replicas | prompt tokens found: any replica | its own | its own and host | turns/s: any replica | its own | its own and host |")
	w.say("|---|---|---|---|---|---|---|")
	for _, replicas := range []int{1, 2, 8, 1000} {
		n := float64(replicas)
		any, own, more := capacity(r, replicas, false, 0), capacity(r, replicas, true, 0), capacity(r, replicas, true, extra)
		w.say("| %s | %.0f %% | %.0f %% | %.0f %% | %s | %s | %s |", grouped(int64(replicas)), 100*any.share, 100*own.share, 100*more.share,
			count(n*any.turnsPerSecond), count(n*own.turnsPerSecond), count(n*more.turnsPerSecond))
	}
	w.say("\nThe system prompt is %.0f %% of a prompt and found everywhere. A card's own memory is full of the answers being written, so a person who", 100*systemTokens/meanPrompt())
	w.say("thinks for a minute finds little of the conversation left: staying with one replica pays fully only with the host's memory behind it.")
	w.say("Session affinity by a conversation's id does the same for chats; matching prefixes also finds pictures that several people ask about.\n")
}

const serveCommand = `vllm serve mistralai/Mistral-Small-3.2-24B-Instruct-2506 --tokenizer-mode mistral --config-format mistral --load-format mistral \
  --tool-call-parser mistral --enable-auto-tool-choice --limit-mm-per-prompt '{"image":10}' \
  --gpu-memory-utilization 0.9 --max-model-len 32768`

func commands(w *writer) {
	w.say("## The command for each step\n")
	for _, step := range []struct{ what, command string }{
		{"One machine, one person", "sirocco"},
		{"One machine, a household or a small team", "sirocco serve --lan"},
		{"1 × H100, FP8", serveCommand + " --quantization fp8"},
		{"2 × H100, tensor-parallel", serveCommand + " --tensor-parallel-size 2"},
		{"8 replicas on one node of 8 × H100", serveCommand + " --quantization fp8 --data-parallel-size 8"},
		{"A fleet (vLLM's production-stack chart; values below)", "helm repo add vllm https://vllm-project.github.io/production-stack\nhelm install vllm vllm/vllm-stack -f values.yaml"},
		{"The window, `ask` and `eval` against any of them", "sirocco ask --remote http://ROUTER:PORT --image photo.jpg \"What is in the picture?\""},
	} {
		w.say("%s:\n\n```sh\n%s\n```\n", step.what, step.command)
	}
	w.say("```yaml\n%s```\n", strings.TrimPrefix(values, "\n"))
}

// values is for the chart of vLLM's production stack; its fields are those of the
// chart's own examples for prefix-aware routing and tool calls.
const values = `
servingEngineSpec:
  runtimeClassName: ""
  modelSpec:
  - name: "mistral-small"
    repository: "vllm/vllm-openai"
    tag: "v0.32.0"
    modelURL: "mistralai/Mistral-Small-3.2-24B-Instruct-2506"
    replicaCount: 1000
    requestCPU: 8
    requestMemory: "64Gi"
    requestGPU: 1
    pvcStorage: "100Gi"
    vllmConfig:
      enablePrefixCaching: true
      maxModelLen: 32768
      extraArgs: ["--tokenizer-mode", "mistral", "--config-format", "mistral", "--load-format", "mistral",
                  "--tool-call-parser", "mistral", "--enable-auto-tool-choice",
                  "--limit-mm-per-prompt", "{\"image\":10}", "--quantization", "fp8", "--gpu-memory-utilization", "0.9"]
routerSpec:
  routingLogic: "prefixaware"
`

func sources(w *writer) {
	w.say("## Constants\n")
	w.say("| what | value | from |")
	w.say("|---|---|---|")
	for _, c := range []constant{layerWeights, headWeights, towerBytes, kvBytes, tokenFLOP, headFLOP, patchFLOP, attendFLOP, q4Bytes, q4File,
		streamShare, mathShare, wgslShare, batchGain, usable, reserve, exchanges, reduce, price} {
		w.say("| %s | %s %s | %s |", c.name, number(c.value), c.unit, c.source)
	}
	for _, c := range []card{h100, workstation} {
		w.say("| %s | %.0f GB, %s B/s | %s |", c.name, c.memory/1e9, number(c.bandwidth), c.source)
	}
	w.say("\nOne machine after the other was left out of this where it would be a guess upon a guess: the network, the router's own cost,")
	w.say("start-up of replicas, and answers that wait while a long prompt is read (vLLM reads in pieces between tokens).")
}

// number writes a constant with as many digits as it has.
func number(v float64) string {
	if v >= 1e6 && v == math.Trunc(v) && math.Mod(v, 1e6) != 0 {
		return grouped(int64(v))
	}
	if v >= 1e6 || v > 0 && v < 1e-3 {
		return fmt.Sprintf("%.4g", v)
	}
	if v == math.Trunc(v) {
		return grouped(int64(v))
	}
	return fmt.Sprintf("%g", v)
}

// count writes a result: three digits are more than it knows.
func count(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.1f", v)
	case v < 1000:
		return fmt.Sprintf("%.0f", v)
	}
	digits := math.Pow(10, math.Floor(math.Log10(v))-2)
	return grouped(int64(math.Round(v/digits) * digits))
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
