#!/bin/sh
# What the processor does while a prompt is read on software Vulkan, by kinds of instructions of the code that the driver made of our
# kernels: tools/bench/profile.sh FILE.gguf. Needs Linux, perf and objdump; docs/benchmarks.md gets the result.
set -eu
cd "$(dirname "$0")/../.."
file=$1 folder=$(mktemp -d) pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$folder"' EXIT
go build -tags headless -o bin/sirocco .
bin/sirocco bench --model "$file" --prompt 128 --generate 0 --repeat 200 --image none --no-kernels --json >/dev/null 2>&1 &
pid=$!
sleep "${WAIT:-20}" # loaded, compiled, reading
perf record -q -F 1000 -o "$folder/perf" -p "$pid" sleep "${LENGTH:-10}" >/dev/null 2>&1
perf script -i "$folder/perf" -F ip 2>/dev/null >"$folder/ips"
python3 tools/bench/profile.py "$pid" "$folder/ips" "$(basename "$file")"
