#!/bin/sh
# Runs the fuzz targets of the repository for a while, one after the other: tools/fuzz.sh 5m [PATTERN], the pattern being one of
# "package target", as in 'weights' or 'config FuzzParse'. WORKERS (1) is how many processors each takes. Goes on behind a target that
# fails, and says at the end which did.
set -u
time=${1:-5m} pattern=${2:-.}
cd "$(dirname "$0")/.."
failed=
for target in $(grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' app gpu model shaders | sed 's/:func /:/' | sort); do
  package=$(dirname "${target%%:*}") name=${target##*:}
  echo "$package $name" | grep -Eq "$pattern" || continue
  echo "== $package $name ($time)"
  go test -tags headless -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 5s -parallel "${WORKERS:-1}" "./$package" </dev/null || failed="$failed $package:$name"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
