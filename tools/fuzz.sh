#!/bin/sh
# Runs every fuzz target of the repository for a while: tools/fuzz.sh 5m
set -eu
time=${1:-5m}
cd "$(dirname "$0")/.."
grep -rl --include='*_test.go' '^func Fuzz' app gpu model shaders | while read -r file; do
  grep -o '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //' | while read -r target; do
    echo "== $target ($(dirname "$file"), $time)"
    go test -tags headless -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 5s "./$(dirname "$file")" </dev/null
  done
done
