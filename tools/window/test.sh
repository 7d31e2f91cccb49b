#!/bin/sh
# Drives a real window on an X server of its own: tools/window/test.sh [SHOTS | many | idle]
# With a folder SHOTS it takes the screenshots of the documentation too; with many it
# measures a window with 1,000 conversations instead; with idle it leaves the window alone
# for 75 seconds on each page.
set -eu
cd "$(dirname "$0")/../.."
missing=""
for program in Xvfb xdotool cc import; do command -v $program >/dev/null || missing="$missing $program"; done
case ${1:-} in "") ;; many) set -- -many 1000 ;; idle) set -- -idle 75s ;; *) set -- -shots "$1" ;; esac
if [ -n "$missing" ]; then
  echo "the window's test needs:$missing (apt-get install xvfb xdotool gcc libgl1-mesa-dev xorg-dev libx11-dev imagemagick fonts-noto-core)" >&2
  exit 1
fi
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
cc -O1 -Wall -o "$bin/hand" tools/window/hand.c -lX11
cp tools/window/answers/every-block.md "$bin/"
go build -o "$bin/sirocco" .
go build -o "$bin/" ./tools/window/answers ./tools/window/drive
"$bin/drive" -bin "$bin" -samples assets/samples "$@"
