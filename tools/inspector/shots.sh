#!/bin/sh
# Runs the model card's function-calling story in the inspector's window, on an X
# server of its own: looks at the prompt, the tokens and where the model looked,
# edits the unit of the call, runs the tool again, goes on from the new result,
# compares the two turns. Then it reads what was recorded: the script fails when the
# branch was not asked with the edited call and its new result. Screenshots go to the
# folder named (docs/screenshots unless told). Last a turn of 30,000 prompt tokens, 10
# pictures and 200 calls is scrolled through: no callback may take 50 ms.
#   tools/inspector/shots.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../.."
out=${1:-docs/screenshots}
for program in Xvfb xdotool import; do
  command -v $program >/dev/null || { echo "the screenshots need $program (apt-get install xvfb xdotool imagemagick)" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'kill $app $server 2>/dev/null; sleep 1; rm -rf "$work"' EXIT
app="" server=""
go test ./app/ui/inspector
go build -o "$work/sirocco" .
go build -tags headless -o "$work/inspector" ./tools/inspector
export DISPLAY=:193 LANG=en_US.UTF-8 SIROCCO_WINDOW_DUMP="$work/dump.json"
Xvfb $DISPLAY -screen 0 1120x780x24 >/dev/null 2>&1 & server=$!
sleep 1

# begin NAME [-large]: a history with one turn, the window on it, the inspector open.
begin() {
  export XDG_DATA_HOME="$work/$1/data" XDG_CONFIG_HOME="$work/$1/config"
  "$work/inspector" -data "$XDG_DATA_HOME" -config "$XDG_CONFIG_HOME" ${2:-}
  "$work/sirocco" >"$work/log" 2>&1 & app=$!
  sleep 20
  xdotool key ctrl+shift+i; sleep 8
}
end() {
  kill $app; wait $app 2>/dev/null || true
  if grep -q '^panic' "$work/log"; then cat "$work/log"; exit 1; fi
}
# click X Y, then wait; a busy machine draws slowly.
click() { xdotool mousemove "$1" "$2"; sleep 1; xdotool click 1; sleep "${3:-4}"; }
# wheel X Y N: turn it N times.
wheel() { xdotool mousemove "$1" "$2"; for _ in $(seq "$3"); do xdotool click 5; sleep 0.03; done; sleep 3; }
shot() { import -window root -colors 200 -define png:compression-level=9 "PNG8:$out/inspector-$1.png"; echo "$out/inspector-$1.png"; }

begin story
xdotool mousemove 400 470; sleep 3
shot prompt
click 154 342; click 170 432                 # Tokens: one of the call's
shot tokens
click 227 342 6; click 743 475 25            # Pictures: where it looked when it chose the country
xdotool mousemove 130 510; sleep 3
shot pictures
click 96 342; click 300 542; click 200 614   # Call: unit, thousands
click 70 750 6; shot approve
click 618 477 6                              # Run
shot call
click 538 750 45                             # Use this result and continue
xdotool mousemove 200 432; sleep 3
shot branch
click 392 342; click 200 387; click 200 425  # Compare with turn 1
shot compare
end
"$work/inspector" -data "$XDG_DATA_HOME" -check

begin large -large
wheel 400 600 150                            # the prompt
wheel 400 200 100                            # the timeline
click 227 342 8; wheel 300 600 60            # the pictures
click 154 342; wheel 300 600 60              # the tokens
end
"$work/inspector" -laps "$SIROCCO_WINDOW_DUMP"
