#!/bin/sh
# `--remote` through servers that other people wrote: LiteLLM's proxy and nginx, before
# the engine that says what it is asked to (tools/clients/scripted). LiteLLM is installed
# once, into a folder of the user's cache; nginx is the system's.
#
#   tools/servers/run.sh
set -eu
cd "$(dirname "$0")/../.."

version=1.83.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sirocco/servers
here=tools/servers
work=$(mktemp -d)
mkdir -p "$cache"
chmod 711 "$work" # nginx's workers are nobody
running=
finish() { for p in $running; do kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
fail() { echo "test-servers: $*" >&2; exit 1; }
say() { echo "test-servers: $*" >&2; }

if ! command -v nginx >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || fail "nginx is missing; please install it"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light >/dev/null
fi
if [ "$(cat "$cache/version" 2>/dev/null)" != $version ]; then
  say "installing LiteLLM's proxy into $cache/litellm"
  rm -rf "$cache/litellm"
  python3 -m venv "$cache/litellm"
  "$cache/litellm/bin/pip" install --quiet "litellm[proxy]==$version"
  echo $version >"$cache/version"
fi

# ports takes so many free ports, which nobody holds from then on.
ports() { python3 -c 'import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])' "$1"; }

go build -tags headless -o "$cache/scripted" ./tools/clients/scripted
set -- $(ports 8)
at=127.0.0.1:$1; proxy=127.0.0.1:$2; shift 2
"$cache/scripted" --addr "$at" 2>"$work/scripted.log" & running="$running $!"
sed "s/AT/$at/" $here/litellm.yaml >"$work/litellm.yaml"
LITELLM_LOCAL_MODEL_COST_MAP=True "$cache/litellm/bin/litellm" --config "$work/litellm.yaml" --host 127.0.0.1 --port "${proxy#*:}" >"$work/litellm.log" 2>&1 & running="$running $!"
sed "s/AT/$at/g; s/PORT0/$1/; s/PORT1/$2/; s/PORT2/$3/; s/PORT3/$4/; s/PORT4/$5/; s/PORT5/$6/" $here/nginx.conf >"$work/nginx.conf"
nginx -p "$work" -c nginx.conf 2>"$work/start.log" & running="$running $!"
for url in "http://$at" "http://$proxy" "http://127.0.0.1:$2/gpu"; do
  tries=0
  until curl -sf -o /dev/null "$url/v1/models"; do
    tries=$((tries + 1)); [ $tries -lt 300 ] || { tail -5 "$work"/*.log >&2; fail "$url does not start"; }
    sleep 0.2
  done
done

# expect NAME CODE TEXT ARGUMENT… runs sirocco and looks for a text in what it says.
expect() {
  name=$1 code=$2 want=$3; shift 3
  got=0; bin/sirocco "$@" >"$work/out" 2>&1 || got=$?
  [ $got = "$code" ] && grep -qF -- "$want" "$work/out" || { cat "$work/out" >&2; fail "$name: exit $got, not $code, or without: $want"; }
  say "$name: right"
}
echo '[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}}, "required": ["city"]}}}]' >"$work/tools.json"
echo '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}' >"$work/schema.json"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo "{\"id\": \"$n\", \"question\": \"<<SAY $n>>\", \"answer\": \"$n\", \"match\": \"exact\"}"; done >"$work/questions.jsonl"

# everything NAME URL asks in every way.
everything() {
  expect "$1, words" 0 "Hello there." ask --remote "$2" "<<SAY Hello there.>>"
  expect "$1, a call" 0 'Paris' ask --remote "$2" --tools "$work/tools.json" '<<CALL weather {"city": "Paris"}>>'
  expect "$1, a schema" 0 '{"city": "Paris"}' ask --remote "$2" --schema "$work/schema.json" '<<FILL {"city": "Paris"}>>'
  expect "$1, a picture" 0 "I see a png of 640 × 480." ask --remote "$2" --image assets/samples/shapes.png "<<LOOK>>"
  expect "$1, sampling" 0 "length limit" ask --remote "$2" --temperature 0.5 --top-k 5 --min-p 0.1 --seed 3 --max-tokens 3 "<<SAY one two three four five six>>"
}
everything "LiteLLM" "http://$proxy"
expect "LiteLLM, its models" 0 "small, text-embedding-3-small" remote "http://$proxy"
everything "nginx that packs" "http://127.0.0.1:$1/v1"
everything "nginx, below a path" "127.0.0.1:$2/gpu/v1/chat/completions"
for n in 1 2 3 4; do expect "nginx, one of two dead, $n" 0 "Hello." ask --remote "http://127.0.0.1:$3" "<<SAY Hello.>>"; done
expect "nginx, two slots for eight questions" 0 "16 of 16" eval --remote "http://127.0.0.1:$4" --jobs 8 "$work/questions.jsonl"
expect "nginx, a redirect" 1 "https://elsewhere.example" ask --remote "http://127.0.0.1:$5" "Hello"
expect "nginx, a small body" 1 "larger than the server takes" ask --remote "http://127.0.0.1:$6" "$(seq 2000)"
say "all of it went through"
