# Two commands do everything: `make demo` answers a question about a picture,
# `make test` passes every check. Both install what is missing first and say so.

IMG ?= assets/samples/shapes.png
Q   ?= What is in the picture?

# The tools that tools/setup.sh may have put beside the user's own.
export PATH := $(HOME)/.cache/sirocco/go/bin:$(PATH)
export GOFLAGS := -buildvcs=false

.PHONY: demo test build lint race fuzz parity speed bench-peer bench-schema help

help:
	@grep -hE '^# make [a-z-]+ ' Makefile | sed 's/^# //'

# make demo      a real question about a real picture, answered by the miniature
demo:
	@tools/setup.sh demo
	@go build -tags headless -o bin/sirocco .
	@echo "Picture:  $(IMG)"
	@echo "Question: $(Q)"
	@bin/sirocco ask --temperature 0 --image "$(IMG)" "$(Q)"

# make test      every check: formatting, vet, staticcheck, kernels, tests, race, and a real window driven like a person would
test:
	@tools/setup.sh test
	@tools/setup.sh window-test
	@$(MAKE) --no-print-directory lint
	go test -tags headless -timeout $(HANG) $$(go list -tags headless ./... | grep -E '$(PLAIN)')
	go test -timeout $(HANG) ./app/ui/...
	@$(MAKE) --no-print-directory race
	@tools/window/test.sh

# make test-full   what takes longer: a window left alone for 75 seconds a page, the inspector's story
.PHONY: test-full
test-full:
	@tools/setup.sh window-test
	@tools/window/test.sh idle
	@tools/inspector/test.sh

# A limit that ends what hangs. It says nothing about speed: a busy machine takes what it takes.
HANG := 60m

# Packages that the race detector does not run: what drives the GPU would take hours. They have a plain pass, all others one with the detector.
PLAIN := /(gpu|gpu/.*|shaders|model|model/text|model/vision|model/upload|app|app/cli)$$

# make lint      gofmt, go vet and staticcheck (both also of the window), the field's words, go.mod
lint:
	@unformatted=$$(gofmt -l app assets gpu model shaders tools main.go); \
	  if [ -n "$$unformatted" ]; then echo "gofmt is needed: $$unformatted"; exit 1; fi
	go vet -tags headless ./...
	go vet . ./app ./app/ui/... ./tools/window/...
	go tool staticcheck -tags headless ./...
	go tool staticcheck . ./app ./app/ui/... ./tools/window/...
	@go run ./tools/vocabulary || { echo "these are old words; docs/glossary.md has the field's"; exit 1; }
	@untidy=$$(go mod tidy -diff 2>&1) || { echo "go.mod is not tidy; run go mod tidy:"; echo "$$untidy" | head -20; exit 1; }

# make race      the race detector on everything that does not drive the GPU
race:
	go test -tags headless -race -timeout $(HANG) $$(go list -tags headless ./... | grep -vE '$(PLAIN)')

# make fuzz      each parser for FUZZTIME (5m unless told)
FUZZTIME ?= 5m
fuzz:
	@tools/fuzz.sh $(FUZZTIME)

# make parity    the distance to transformers, written to docs/parity.md
parity:
	@tools/setup.sh test
	@tools/parity.sh

# make speed     the miniature's speed on this machine, written to docs/benchmarks.md
speed:
	@tools/setup.sh test
	@tools/speed.sh

# make bench-peer   llama.cpp on the same device with the same file, ratios to docs/benchmarks.md (TYPES, PROMPTS, DEPTHS, PICTURE, ROUNDS shorten it)
bench-peer:
	@tools/setup.sh demo
	@tools/bench/peer.sh

# make bench-growth   how time and memory grow with prompts, depths, contexts and pictures, written to docs/benchmarks.md
bench-growth:
	@tools/bench/growth.sh

# make bench-schema   our masks beside llguidance's on MaskBench: DATA=…/maskbench/data TOKENIZER=tekken.json [SAMPLE=N]
PYTHON ?= python3
SAMPLE ?= 500
bench-schema: build
	@test -n "$(DATA)" -a -n "$(TOKENIZER)" || { echo "bench-schema: name MaskBench's data folder and a tekken.json: make bench-schema DATA=… TOKENIZER=… (pip packages llguidance, numpy, tiktoken)"; exit 2; }
	$(PYTHON) tools/bench/schema.py --data "$(DATA)" --tokenizer "$(TOKENIZER)" --sample $(SAMPLE) --seed 1

# make build     the program without a window, in bin/sirocco
build:
	@tools/setup.sh demo
	go build -tags headless -o bin/sirocco .

# make window    the program with its window, in bin/sirocco
.PHONY: window test-window test-inspector screenshots test-clients test-servers test-vllm load package bench-growth
window:
	@tools/setup.sh window
	go build -o bin/sirocco .

# make test-window    a real window on an X server of its own, driven by keys, mouse, drops and pastes
test-window:
	@tools/setup.sh window-test
	@tools/window/test.sh

# make screenshots    the same run, with pictures of every screen written to docs/screenshots
screenshots:
	@tools/setup.sh window-test
	@tools/window/test.sh docs/screenshots

# make test-inspector   the story of a call in a real inspector: seen, edited, run again, continued (FOLDER=… for screenshots)
FOLDER ?=
test-inspector:
	@tools/setup.sh window-test
	@tools/inspector/test.sh $(FOLDER)

# make test-page   the inspector's exported page in a real browser, without a network (needs chromium; FOLDER=… for screenshots)
.PHONY: test-page
test-page:
	@tools/setup.sh demo
	@tools/inspector/page.sh $(FOLDER)

# make test-clients   real SDKs, frameworks and agents (Codex, Claude Code) against `sirocco serve`; the table goes into docs/serve.md
test-clients:
	@tools/setup.sh demo
	@tools/clients/run.sh

# make test-servers   --remote through LiteLLM's proxy and nginx (one of two dead, packing, two slots, redirects)
test-servers:
	@tools/setup.sh demo
	@tools/servers/run.sh

# make test-mcp      real MCP servers and both official SDKs' examples beside the official Python client; the table goes into docs/mcp.md
.PHONY: test-mcp
test-mcp:
	@tools/mcp/run.sh

# make test-vllm      a real vLLM on this machine's processor, beside our own tokens and words (installs 6 GB)
test-vllm:
	@tools/setup.sh demo
	@tools/vllm/test.sh

# make load      64 clients against `sirocco serve` for MINUTES; writes docs/load.md
MINUTES ?= 5
load: build
	go run -tags headless ./tools/load -minutes $(MINUTES) -out docs/load.md

# make package   what people download, in dist/
package:
	@tools/setup.sh window
	@tools/package.sh
