#!/bin/sh
# Runs real clients against `sirocco serve`, in two parts: the official clients of
# OpenAI and Anthropic on the miniature (check.py, check.mjs); and SDKs, frameworks and
# agents against an engine that says what it is asked to (scripted/, cells.py, cells.mjs,
# coding.py), whose table goes into docs/serve.md. Everything is installed once, into a
# folder of the user's cache.
#
#   tools/clients/run.sh [python|javascript|agents]
set -eu
cd "$(dirname "$0")/../.."

which=${1:-all}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sirocco/clients
here=tools/clients
picture=assets/samples/shapes.png
mkdir -p "$cache"
export LITELLM_LOCAL_MODEL_COST_MAP=True AI_SDK_LOG_WARNINGS=false

say() { echo "test-clients: $*" >&2; }
wants() { [ "$which" = all ] || [ "$which" = "$1" ]; }

# need COMMAND PACKAGE… installs the Debian packages that bring a command.
need() {
  command=$1; shift
  command -v "$command" >/dev/null 2>&1 && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "$command is missing; please install $*"; exit 1
  fi
  say "installing with apt-get: $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# python NAME FILE installs what a file lists into an environment of its own: the
# frameworks disagree about the versions of what they stand on.
python() {
  need python3 python3 python3-venv
  cmp -s "$here/$2" "$cache/$1/installed.txt" && return 0
  say "installing what $here/$2 lists into $cache/$1"
  rm -rf "${cache:?}/$1"
  python3 -m venv "$cache/$1"
  "$cache/$1/bin/pip" install --quiet --requirement "$here/$2"
  cp "$here/$2" "$cache/$1/installed.txt"
}

javascript() {
  need npm nodejs npm
  mkdir -p "$cache/javascript"
  if ! cmp -s $here/package.json "$cache/javascript/installed.json"; then
    say "installing what $here/package.json lists into $cache/javascript"
    cp $here/package.json "$cache/javascript/"
    npm install --prefix "$cache/javascript" --no-audit --no-fund --silent
    cp $here/package.json "$cache/javascript/installed.json"
  fi
  cp $here/check.mjs $here/cells.mjs "$cache/javascript/"
}

# listen PROGRAM… starts a server and waits until it tells its address, in $url.
server= log=$(mktemp) cells=$(mktemp)
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; } || true; server=; }
trap 'stop; rm -f "$log" "$cells"' EXIT
listen() {
  stop
  "$@" --addr 127.0.0.1:0 2>"$log" &
  server=$!
  until url=$(sed -n 's/^listening on //p' "$log") && [ -n "$url" ]; do
    kill -0 $server 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.2
  done
}

if wants python; then
  python python requirements.txt
  python pydantic-ai requirements-pydantic-ai.txt
  python instructor requirements-instructor.txt
fi
if wants javascript || wants agents; then javascript; fi

listen bin/sirocco serve
if wants python; then "$cache/python/bin/python" $here/check.py "$url"; fi
if wants javascript; then node "$cache/javascript/check.mjs" "$url" "$PWD"; fi

go build -tags headless -o "$cache/scripted" ./$here/scripted
listen "$cache/scripted"
tried() { "$@" >>"$cells" || { say "$2 broke off"; exit 1; }; }
if wants agents; then
  need python3 python3
  tried python3 $here/coding.py "$url" "$cache/javascript/node_modules/.bin" $picture
fi
if wants python; then
  tried "$cache/python/bin/python" $here/cells.py "$url" python
  tried "$cache/pydantic-ai/bin/python" $here/cells.py "$url" pydantic-ai
  tried "$cache/instructor/bin/python" $here/cells.py "$url" instructor
fi
if wants javascript; then tried node "$cache/javascript/cells.mjs" "$url" $picture; fi
stop
# A part alone makes a part of the table, which is printed only.
if [ "$which" = all ]; then python3 $here/table.py "$cells" docs/serve.md; else python3 $here/table.py "$cells"; fi
say "all of it went through"
