#!/bin/sh
# Installs what `make demo` or `make test` needs and is missing, and says what.
# Works as root in a bare container and for a user with sudo. Quick the second
# time: everything is looked for before anything is installed.
#
#   tools/setup.sh demo|test|window|window-test
set -eu

want=1.26          # the Go version of go.mod
fetch=1.26.8       # the toolchain fetched when the system's Go is too old
home=${HOME:-/root}/.cache/sirocco

say() { echo "setup: $*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else say "installing needs root or sudo; please run: $*"; exit 1
  fi
}

# install PACKAGE… installs those Debian packages that are not there yet.
install() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    say "this is not a Debian-like system; please install what these packages hold:$missing"
    exit 1
  fi
  say "installing with apt-get:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# new_enough GO: is this Go at least the one go.mod asks for?
new_enough() {
  have=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
  [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n1)" = "$want" ]
}

# ensure_go finds a Go that can build us. An older one, from the distribution,
# is enough to fetch the right one: Go toolchains are published as modules.
ensure_go() {
  if command -v go >/dev/null 2>&1 && new_enough go; then return 0; fi
  if [ -x "$home/go/bin/go" ] && new_enough "$home/go/bin/go"; then return 0; fi
  command -v go >/dev/null 2>&1 || install golang-go
  os=$(go env GOOS); arch=$(go env GOARCH)
  say "fetching the Go $fetch toolchain with $(go env GOVERSION) into $home/go"
  module="golang.org/toolchain@v0.0.1-go$fetch.$os-$arch"
  scratch=$(mktemp -d)
  (cd "$scratch" && GO111MODULE=on GOFLAGS=-modcacherw GOTOOLCHAIN=local go mod download "$module")
  from=$(go env GOPATH)/pkg/mod/$module
  [ -d "$from" ] || { say "the toolchain did not arrive at $from"; exit 1; }
  mkdir -p "$home"
  rm -rf "$home/go"
  cp -r "$from" "$home/go"
  chmod -R u+w "$home/go"
  chmod +x "$home"/go/bin/* "$home"/go/pkg/tool/*/* 2>/dev/null || true
  rm -rf "$scratch"
  new_enough "$home/go/bin/go" || { say "the fetched Go does not run; please install Go $want or newer"; exit 1; }
}

# ensure_vulkan: any Vulkan driver will do; without one, Mesa's software driver.
ensure_vulkan() {
  install libvulkan1
  for dir in /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
    ls "$dir"/*.json >/dev/null 2>&1 && return 0
  done
  install mesa-vulkan-drivers
}

case ${1:-demo} in
  demo)
    install ca-certificates gcc libc6-dev
    ensure_vulkan
    ensure_go
    ;;
  test)
    # The window is vetted too, which takes its headers.
    install ca-certificates gcc libc6-dev git pkg-config libgl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev
    # The tests' Vulkan device is the software driver, whatever else is here.
    install libvulkan1 mesa-vulkan-drivers
    ensure_go
    ;;
  window)
    install ca-certificates gcc libc6-dev pkg-config libgl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev fonts-noto-core
    ensure_vulkan
    ensure_go
    ;;
  window-test)
    # A screen of its own, a hand to move the mouse, and the drivers for both.
    install ca-certificates gcc libc6-dev git pkg-config libgl1-mesa-dev libgl1-mesa-dri xorg-dev libwayland-dev libxkbcommon-dev fonts-noto-core xvfb xdotool imagemagick
    install libvulkan1 mesa-vulkan-drivers
    ensure_go
    ;;
  *)
    echo "usage: tools/setup.sh demo|test|window|window-test" >&2
    exit 2
    ;;
esac
