#!/bin/sh
# Measures the miniature's speed on this machine's adapter and writes
# docs/benchmarks.md.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -tags headless -run '^$' -bench . -benchtime 3s -count 3 ./model >"$log" 2>&1 || { cat "$log"; exit 1; }
{
  echo "# Speed"
  echo
  echo "Printed by \`make speed\` on $(go run -tags headless . doctor | sed -n 's/^0  //p'), $(nproc) processors, Go $(go env GOVERSION | sed 's/^go//'),"
  echo "$(date -u +%Y-%m-%d). The model is the embedded miniature; each benchmark ran three times. On software Vulkan these figures say"
  echo "something about the processor and nothing about a graphics card."
  echo
  echo '```'
  grep -E '^(Benchmark|cpu|goos|goarch)' "$log"
  echo '```'
} > "$log.md"
# What other commands wrote behind it stays.
sed -n '/^## /,$p' docs/benchmarks.md > "$log.rest"
{ cat "$log.md"; [ ! -s "$log.rest" ] || { echo; cat "$log.rest"; }; } > docs/benchmarks.md
rm -f "$log.md" "$log.rest"
cat docs/benchmarks.md
