#!/bin/sh
# Measures what packing weights into 4 and 8 bits costs and writes docs/quantise.md.
set -eu
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -tags headless -run '^$' -bench QuantiseCost -benchtime 1x ./model >"$log" 2>&1 || { cat "$log"; exit 1; }
{
  echo "# What quantising while loading costs"
  echo
  echo "Printed by \`tools/bench/quantise.sh\` on $(date -u +%Y-%m-%d): the log-probabilities after every token of a text, with weights packed by"
  echo "\`--quantize\`, beside those of the same checkpoint in BF16 (keys and values in f32). \`|Δlogprob|\` is their mean distance, each token weighted by"
  echo "its probability in BF16; KL the divergence in nats; the last column how often the likeliest token is the same."
  echo "\"miniature\" is the embedded model, which at 9.5 million weights suffers more than a large one. \"random\" has its shape and normal random weights:"
  echo "what it says next is nearly even, so the likeliest token changes at a touch while the divergence stays small."
  echo
  echo "| model | packed as | \|Δlogprob\| | KL | same likeliest token |"
  echo "|---|---|---:|---:|---:|"
  awk '/^BenchmarkQuantiseCost\// {
    split($1, name, "/"); sub(/-[0-9]+$/, "", name[3])
    for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i
    printf "| %s | %s | %s | %s | %s %% |\n", name[2], name[3], value["|Δlogprob|"], value["KL-nats"], value["same-top-%"]
  }' "$log" | sort
} > docs/quantise.md
cat docs/quantise.md
