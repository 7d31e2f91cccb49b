#!/bin/sh
# Runs the model card's function-calling story in the inspector's window, on an X
# server of its own: looks at the prompt, edits the unit of the call, runs the
# tool again, goes on from the new result, compares the two turns. Screenshots go
# to the folder named (docs/screenshots unless told).
#   tools/inspector/shots.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../.."
out=${1:-docs/screenshots}
for program in Xvfb xdotool import; do
  command -v $program >/dev/null || { echo "the screenshots need $program (apt-get install xvfb xdotool imagemagick)" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'kill $app $server 2>/dev/null; sleep 1; rm -rf "$work"' EXIT
go build -o "$work/sirocco" .
go run -tags headless ./tools/inspector -data "$work/data" -config "$work/config"
export DISPLAY=:193 XDG_DATA_HOME="$work/data" XDG_CONFIG_HOME="$work/config"
Xvfb $DISPLAY -screen 0 1120x780x24 >/dev/null 2>&1 & server=$!
sleep 1
"$work/sirocco" >"$work/log" 2>&1 & app=$!

# click X Y, then wait; a busy machine draws slowly.
click() { xdotool mousemove "$1" "$2"; sleep 1; xdotool click 1; sleep "${3:-4}"; }
shot() { import -window root -colors 200 -define png:compression-level=9 "PNG8:$out/inspector-$1.png"; echo "$out/inspector-$1.png"; }

sleep 12
xdotool key ctrl+shift+i; sleep 5; xdotool mousemove 400 470; sleep 3
shot prompt
click 154 342; click 170 432                 # Tokens: one of the call's
shot tokens
click 96 342; click 300 542; click 200 614   # Call: unit, thousands
click 70 750; shot approve
click 618 477                                # Run
shot call
click 538 750 25                             # Use this result and continue
xdotool mousemove 200 432; sleep 3
shot branch
click 315 342; click 200 387; click 200 425  # Compare with turn 1
shot compare
if grep -q '^panic' "$work/log"; then cat "$work/log"; exit 1; fi
