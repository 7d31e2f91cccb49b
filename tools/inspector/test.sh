#!/bin/sh
# Plays the model card's function-calling story in the inspector's window, on an X
# server of its own: the prompt, the tokens and where the model looked; the unit of
# the call is edited, the tool run again, the conversation continued from the new
# result; the turns are compared, and a server is asked the same. Then what was
# recorded is read: the test fails when the branch was not asked with the edited call
# and its new result. Last a turn of 30,000 prompt tokens, 10 pictures and 200 calls is
# scrolled through: no callback may take 50 ms. With a folder SHOTS it takes the
# screenshots of the documentation. tools/window/drive/inspector.go has the steps.
#   tools/inspector/test.sh [SHOTS]
set -eu
cd "$(dirname "$0")/../.."
missing=""
for program in Xvfb xdotool; do command -v $program >/dev/null || missing="$missing $program"; done
[ -z "${1:-}" ] || command -v import >/dev/null || missing="$missing import"
if [ -n "$missing" ]; then
  echo "the inspector's test needs:$missing (apt-get install xvfb xdotool imagemagick)" >&2
  exit 1
fi
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go test ./app/ui/inspector
go build -o "$bin/sirocco" .
go build -tags headless -o "$bin/" ./tools/inspector
go build -o "$bin/" ./tools/window/drive
"$bin/drive" -bin "$bin" -inspector ${1:+-shots "$1"}
