#!/bin/sh
# Opens the page of the story's turn in a browser without a window (Chromium), in
# English and in Arabic: every token that the browser shows must be the turn's, and it
# may complain of nothing and reach no network. The pages and their screenshots, to be
# looked at, go to the folder named.
#   tools/inspector/page.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../.."
out=${1:-}
for name in chromium chromium-browser google-chrome; do
  browser=$(command -v $name) && break
done
[ -n "${browser:-}" ] || { echo "the page's test needs Chromium (apt-get install chromium fonts-noto-core)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -n "$out" ] || out="$work"
go build -tags headless -o "$work/inspector" ./tools/inspector
"$work/inspector" -data "$work/data" -config "$work/config"
for language in en ar; do
  "$work/inspector" -data "$work/data" -browser "$browser" -language $language -page "$out"
done
