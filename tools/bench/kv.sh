#!/bin/sh
# Measures what keys and values in 16 and 8 bits cost and gain, and writes docs/kv.md. ROUNDS makes the measurement of speed longer.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -tags headless -run '^$' -bench KVCost -benchtime 1x ./model >"$work/cost" 2>&1 || { cat "$work/cost"; exit 1; }
go build -tags headless -o "$work/sirocco" .
for round in $(seq "${ROUNDS:-3}"); do
  for kind in f32 f16 q8; do
    "$work/sirocco" bench --synthetic tiny --kv "$kind" --prompt none --image none --no-kernels --depth 0,1024,4096 --generate 16 --repeat 3 --json 2>/dev/null |
      python3 -c 'import json, sys
for m in json.load(sys.stdin)["measurements"]:
    if m["name"] == "decode": print(sys.argv[1], m["depth"], 1 / (m.get("cpu_s") or 1 / m["median"]), m["bytes_per_token"])' "$kind" >>"$work/speed"
  done
done
{
  echo "# Keys and values in 8 bits"
  echo
  echo "\`--kv q8\` keeps of every 32 dims of a key or value a byte each and the greatest magnitude in f32: 9 bits an element, where f16 has 16. It is"
  echo "taken by itself where a model does not fit otherwise (see \`sirocco doctor --model\`). Printed by \`tools/bench/kv.sh\` on $(date -u +%Y-%m-%d)."
  echo
  echo "What it costs: the log-probabilities after every token of a text beside those with keys and values in f32. \`|Δlogprob|\` is their mean"
  echo "distance, each token weighted by its probability; KL the divergence in nats; the last column how often the greedy token is the same."
  echo "\"random\" has the miniature's shape and normal random weights: what it says next is nearly even, so the likeliest token changes at a touch."
  echo
  echo "| model | kept as | \|Δlogprob\| | KL | same greedy token |"
  echo "|---|---|---:|---:|---:|"
  awk '/^BenchmarkKVCost\// {
    split($1, name, "/"); sub(/-[0-9]+$/, "", name[3])
    for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i
    printf "| %s | %s | %s | %s | %s %% |\n", name[2], name[3], value["|Δlogprob|"], value["KL-nats"], value["same-top-%"]
  }' "$work/cost" | sort
  echo
  echo "What it gains: the speed of decoding behind so many tokens, as a ratio to f16 (the better of ${ROUNDS:-3} rounds of each, in turn, by the time"
  echo "processors worked where the device is software), with \`bench --synthetic tiny\`, whose weights are so small that reading keys and values is"
  echo "most of the work. On a graphics card the bytes decide; a processor also unpacks them."
  echo
  echo "| depth | bytes per token f16 | q8 | speed f32 | f16 | q8 |"
  echo "|---:|---:|---:|---:|---:|---:|"
  awk '{ if ($3 > best[$1, $2]) best[$1, $2] = $3; bytes[$1, $2] = $4; depth[$2] = 1 }
    END { for (d in depth) printf "| %s | %s | %s | %.2f | 1 | %.2f |\n", d, bytes["f16", d], bytes["q8", d], best["f32", d] / best["f16", d], best["q8", d] / best["f16", d] }' "$work/speed" | sort -t'|' -k2n
} > docs/kv.md
cat docs/kv.md
