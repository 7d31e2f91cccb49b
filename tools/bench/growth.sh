#!/bin/sh
# How time and memory grow with the length of a prompt, what came before a word, and the patches of a picture; the tables and what was
# fitted to them go to docs/benchmarks.md. Some minutes on a quiet machine.
set -eu
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go build -tags headless -o bin/sirocco .
bin/sirocco bench --growth --tune off --json >"$log"
python3 tools/bench/growth.py "$log"
