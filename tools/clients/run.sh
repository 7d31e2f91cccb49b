#!/bin/sh
# Runs the official clients of OpenAI (Python, JavaScript) and Anthropic (Python)
# against `sirocco serve` on the miniature. They are installed once, into a folder
# of the user's cache.
#
#   tools/clients/run.sh [python|javascript]
set -eu
cd "$(dirname "$0")/../.."

which=${1:-all}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sirocco/clients
mkdir -p "$cache"

say() { echo "test-clients: $*" >&2; }

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

python_clients() {
  need python3 python3 python3-venv
  if ! cmp -s tools/clients/requirements.txt "$cache/requirements.txt"; then
    say "installing openai and anthropic for Python into $cache/python"
    rm -rf "$cache/python"
    python3 -m venv "$cache/python"
    "$cache/python/bin/pip" install --quiet --requirement tools/clients/requirements.txt
    cp tools/clients/requirements.txt "$cache/"
  fi
  "$cache/python/bin/python" tools/clients/check.py "$1"
}

javascript_clients() {
  need npm nodejs npm
  if ! cmp -s tools/clients/package.json "$cache/installed.json"; then
    say "installing openai for JavaScript into $cache/javascript"
    mkdir -p "$cache/javascript"
    cp tools/clients/package.json "$cache/javascript/"
    npm install --prefix "$cache/javascript" --no-audit --no-fund --silent
    cp tools/clients/package.json "$cache/installed.json"
  fi
  cp tools/clients/check.mjs "$cache/javascript/"
  node "$cache/javascript/check.mjs" "$1" "$PWD"
}

log=$(mktemp)
bin/sirocco serve --addr 127.0.0.1:0 2>"$log" &
server=$!
trap 'kill $server 2>/dev/null || true; rm -f "$log"' EXIT
until url=$(sed -n 's/^listening on //p' "$log") && [ -n "$url" ]; do
  kill -0 $server 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.2
done
[ "$which" = javascript ] || python_clients "$url"
[ "$which" = python ] || javascript_clients "$url"
say "all of it went through"
