#!/bin/sh
# Sirocco beside llama.cpp on the same Vulkan device, with the same GGUF file, interleaved, in one run; the ratios go to
# docs/benchmarks.md. TYPES, PROMPTS, DEPTHS, GENERATE and ROUNDS shorten it; a software device takes hours for the defaults.
set -eu
cd "$(dirname "$0")/../.."
types=${TYPES:-q4_0 q4_k} prompts=${PROMPTS:-128,512} depths=${DEPTHS:-0,2048} generate=${GENERATE:-32} rounds=${ROUNDS:-3}
peer=${PEER:-$HOME/.cache/sirocco/peer}
release=3.22.0 # of node-llama-cpp, which brings llama.cpp's library for Vulkan
mkdir -p "$peer"
if [ ! -d "$peer/node_modules/@node-llama-cpp/linux-x64-vulkan" ]; then
  echo "peer: installing node-llama-cpp $release into $peer" >&2
  (cd "$peer" && npm init -y >/dev/null && npm install --ignore-scripts --no-audit --no-fund "node-llama-cpp@$release" "@node-llama-cpp/linux-x64-vulkan@$release" >&2)
fi
cp tools/bench/peer.mjs "$peer/peer.mjs"
go build -tags headless -o bin/sirocco .
for type in $types; do
  file="$peer/peer-$type.gguf"
  [ -f "$file" ] || go run ./tools/bench/peerfile "$type" "$file"
  runs=$(mktemp)
  for round in $(seq "$rounds"); do
    echo "peer: $type, round $round of $rounds" >&2
    bin/sirocco bench --model "$file" --device 0 --prompt "$prompts" --depth "$depths" --generate "$generate" --repeat 1 --image none --json >>"$runs"
    (cd "$peer" && GGML_VK_VISIBLE_DEVICES=${GGML_VK_VISIBLE_DEVICES:-0} node peer.mjs "$file" "$prompts" "$depths" "$generate") >>"$runs"
  done
  python3 tools/bench/peer.py "$type" "$runs"
  rm -f "$runs"
done
