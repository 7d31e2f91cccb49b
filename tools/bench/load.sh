#!/bin/sh
# How fast files are loaded, beside how fast they can be read, copied, looked at and fetched from the disk, each in the same run; the
# table goes to docs/benchmarks.md. SHAPE (1b) and ROUNDS (3) change it; the files stay in LOAD for the next time.
set -eu
cd "$(dirname "$0")/../.."
shape=${SHAPE:-1b} rounds=${ROUNDS:-3} folder=${LOAD:-$HOME/.cache/sirocco/load}
mkdir -p "$folder"
go build -tags headless -o bin/sirocco .
runs=$(mktemp)
trap 'rm -f "$runs"' EXIT
for case in "q4_0 none" "q4_k none" "q8_0 none" "bf16 none" "bf16 q8" "bf16 q4" "bf16 q4 --cold"; do
  set -- $case
  file="$folder/$shape-$1.gguf"
  [ -f "$file" ] || go run -tags headless ./tools/bench/peerfile "$1" "$file" "$shape"
  for round in $(seq "$rounds"); do
    echo "load: $case, round $round of $rounds" >&2
    bin/sirocco bench --model "$file" --quantize "$2" ${3:-} --prompt none --generate 0 --image none --no-kernels --json >"$runs.one"
    python3 -c 'import json, sys; print(json.dumps({"case": sys.argv[1], **json.load(open(sys.argv[2]))}))' "$case" "$runs.one" >>"$runs"
    rm -f "$runs.one"
  done
done
python3 tools/bench/load.py "$shape" "$runs"
