#!/bin/sh
# Sirocco beside llama.cpp on the same Vulkan device, with the same GGUF file, interleaved, in one run; the ratios go to
# docs/benchmarks.md. TYPES, PROMPTS, DEPTHS, GENERATE, PICTURE (a side in pixels, or none) and ROUNDS shorten it; a software device takes
# hours for the defaults.
set -eu
cd "$(dirname "$0")/../.."
types=${TYPES:-q4_0 q4_k} prompts=${PROMPTS:-128,512} depths=${DEPTHS:-0,2048} generate=${GENERATE:-32} rounds=${ROUNDS:-3} picture=${PICTURE:-336}
peer=${PEER:-$HOME/.cache/sirocco/peer}
release=3.22.0 # of node-llama-cpp, which brings llama.cpp's library for Vulkan
seeing=1.7.15 # of llama.node, which brings one that takes pictures
mkdir -p "$peer"
if [ ! -d "$peer/node_modules/@node-llama-cpp/linux-x64-vulkan" ]; then
  echo "peer: installing node-llama-cpp $release into $peer" >&2
  (cd "$peer" && npm init -y >/dev/null && npm install --ignore-scripts --no-audit --no-fund "node-llama-cpp@$release" "@node-llama-cpp/linux-x64-vulkan@$release" >&2)
fi
if [ "$picture" != none ] && [ ! -d "$peer/node_modules/@fugood/node-llama-linux-x64-vulkan" ]; then
  echo "peer: installing llama.node $seeing into $peer" >&2
  (cd "$peer" && npm install --ignore-scripts --no-audit --no-fund --omit=optional "@fugood/llama.node@$seeing" "@fugood/node-llama-linux-x64-vulkan@$seeing" >&2)
fi
cp tools/bench/peer.mjs tools/bench/picture.mjs "$peer/"
export GGML_VK_VISIBLE_DEVICES=${GGML_VK_VISIBLE_DEVICES:-0}
go build -tags headless -o bin/sirocco .
if [ "$picture" != none ]; then
  vision="$peer/peer-vision.gguf" tokens=$((picture / 28 * (picture / 28 + 1) + 14)) # those of the picture and of a short question
  [ -f "$vision" ] || go run ./tools/bench/peerfile vision "$vision"
  python3 tools/bench/picture.py "$picture" "$peer/one.png" "$peer/other.png"
fi
for type in $types; do
  file="$peer/peer-$type.gguf"
  [ -f "$file" ] || go run ./tools/bench/peerfile "$type" "$file"
  runs=$(mktemp)
  for round in $(seq "$rounds"); do
    echo "peer: $type, round $round of $rounds" >&2
    bin/sirocco bench --model "$file" --device 0 --prompt "$prompts" --depth "$depths" --generate "$generate" --repeat 1 --image none --json >>"$runs"
    (cd "$peer" && node peer.mjs "$file" "$prompts" "$depths" "$generate") >>"$runs"
    [ "$picture" != none ] || continue
    bin/sirocco bench --model "$file" --mmproj "$vision" --device 0 --prompt "$tokens" --generate 0 --repeat 2 --image "${picture}x$picture" --no-kernels --json >>"$runs"
    (cd "$peer" && node picture.mjs "$file" "$vision" one.png other.png 2>/dev/null | tail -1) >>"$runs" # it logs to stdout
  done
  python3 tools/bench/peer.py "$type" "$runs"
  rm -f "$runs"
done
