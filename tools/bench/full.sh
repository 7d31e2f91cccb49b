#!/bin/sh
# The 24B shape with made-up weights on this machine's adapter: a picture, a prompt of 64 tokens and 4 words. The process's own memory is
# watched (on a software adapter the device's buffers are among it) and compared with the plan; docs/benchmarks.md gets the result.
# SHAPE, TYPE, IMAGE, VISION_LAYERS (0: all), PROMPT (none) and GENERATE (0) shorten it. It ends itself when less than 3 GB of the machine's memory are left.
set -eu
cd "$(dirname "$0")/../.."
shape=${SHAPE:-full} type=${TYPE:-q4_0} image=${IMAGE:-1540x1540} layers=${VISION_LAYERS:-0}
prompt=${PROMPT:-64} generate=${GENERATE:-4}
log=$(mktemp) peak=0
trap 'rm -f "$log"' EXIT
go build -tags headless -o bin/sirocco .
set -- bench --synthetic "$shape" --type "$type" --vision-layers "$layers" --prompt "$prompt" --generate "$generate" --repeat 1 --image "$image" --no-kernels --json
bin/sirocco "$@" >"$log" &
pid=$!
while kill -0 "$pid" 2>/dev/null; do
  now=$(awk '/RssAnon/ {print $2}' "/proc/$pid/status" 2>/dev/null || echo 0)
  [ "${now:-0}" -gt "$peak" ] && peak=$now
  if [ "$(awk '/MemAvailable/ {print $2}' /proc/meminfo)" -lt 3000000 ]; then
    kill "$pid"
    echo "full: less than 3 GB of memory are left on this machine; given up" >&2
    exit 1
  fi
  sleep 0.2
done
wait "$pid"
python3 tools/bench/full.py "$log" "$peak" "sirocco $*"
