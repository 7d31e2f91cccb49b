#!/bin/sh
# Measures the distance to every golden of transformers on this machine's
# adapter and writes docs/parity.md.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -tags headless -count=1 -run 'Equals?Transformers' -v ./model >"$log" 2>&1 || { cat "$log"; exit 1; }
{
  echo "# How far from the reference"
  echo
  echo "Printed by \`make parity\` on $(go run -tags headless . doctor | sed -n 's/^0  //p'), Go $(go env GOVERSION | sed 's/^go//'), $(date -u +%Y-%m-%d)."
  echo
  echo "The reference is transformers' Mistral3ForConditionalGeneration in float32 on random tiny checkpoints, with mistral-common's token"
  echo "ids and pixels; \`tools/goldens/README.md\` describes them. The largest absolute difference anywhere is shown. The bounds are 2e-3"
  echo "with an f32 cache and 3e-2 with an f16 cache; greedy continuations of 32 tokens are identical."
  echo
  echo "| checkpoint | cache | what | largest difference |"
  echo "|---|---|---|---|"
  sed -n 's/.*PARITY //p' "$log"
} > docs/parity.md
cat docs/parity.md
