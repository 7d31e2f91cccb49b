#!/bin/sh
# Real MCP servers of pinned versions, and both official SDKs' examples over every
# transport, beside the official Python client; the table goes into docs/mcp.md.
# Everything is installed once, into a folder of the user's cache.
set -eu
cd "$(dirname "$0")/../.."

cache=${MCP_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/sirocco/mcp}
here=tools/mcp
mkdir -p "$cache"

for program in python3 npm node git; do
  command -v $program >/dev/null 2>&1 || { echo "test-mcp: $program is missing; please install python3, python3-venv, nodejs, npm and git" >&2; exit 1; }
done
if ! cmp -s $here/requirements.txt "$cache/python/installed.txt"; then
  echo "test-mcp: installing what $here/requirements.txt lists into $cache/python" >&2
  rm -rf "$cache/python"
  python3 -m venv "$cache/python"
  "$cache/python/bin/pip" install --quiet --requirement $here/requirements.txt
  cp $here/requirements.txt "$cache/python/installed.txt"
fi
if ! cmp -s $here/package.json "$cache/installed.json"; then
  echo "test-mcp: installing what $here/package.json lists into $cache" >&2
  cp $here/package.json "$cache/"
  npm install --prefix "$cache" --no-audit --no-fund --ignore-scripts --silent
  cp $here/package.json "$cache/installed.json"
fi
go build -tags headless -o "$cache/sirocco" .
"$cache/python/bin/python" $here/check.py "$cache/sirocco" "$cache" docs/mcp.md
