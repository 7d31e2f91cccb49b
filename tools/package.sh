#!/bin/sh
# Makes what people download, in dist/:
#
#   tools/package.sh linux     sirocco-VERSION-linux-amd64.tar.xz and .deb
#   tools/package.sh windows   sirocco-VERSION-windows-amd64.zip (a cross build with mingw-w64 on Linux)
#   tools/package.sh macos     Sirocco.app in a .zip; on a Mac
#   tools/package.sh           whatever can be made on this machine
#
# TAGS=headless builds without the window. The parts that are no program (menu
# entry, file type, icon) are in tools/package.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
id=$(sed -n 's/^ID = "\(.*\)"/\1/p' FyneApp.toml)
tags=${TAGS-}
export CGO_ENABLED=1 GOFLAGS="-buildvcs=false"

say() { echo "package: $*" >&2; }
die() { say "$*"; exit 1; }

# build OUTPUT [LDFLAGS] compiles the program.
build() {
  go build -trimpath -tags "$tags" -ldflags "-s -w ${2-}" -o "$1" .
}

# fill ROOT PREFIX puts everything but the program where Linux looks for it.
fill() {
  to=$1$2
  install -D -m 644 "tools/package/$id.desktop" "$to/share/applications/$id.desktop"
  install -D -m 644 "tools/package/$id.mime.xml" "$to/share/mime/packages/$id.xml"
  install -D -m 644 assets/icon.png "$to/share/icons/hicolor/512x512/apps/$id.png"
  install -D -m 644 assets/icon.svg "$to/share/icons/hicolor/scalable/apps/$id.svg"
  install -D -m 644 LICENSE "$to/share/doc/sirocco/copyright"
  "$to/bin/sirocco" licenses --all > "$to/share/doc/sirocco/licenses"
}

# depends PROGRAM: the Debian packages that hold the libraries it is linked with.
depends() {
  ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | while read -r library; do
    dpkg -S "$(readlink -f "$library")" 2>/dev/null || dpkg -S "$library" 2>/dev/null || dpkg -S "*/$(basename "$(readlink -f "$library")")"
  done | sed 's/:.*//' | sort -u | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}

linux() {
  [ "$(uname -s)" = Linux ] || die "the Linux packages are made on Linux"
  arch=$(go env GOARCH)
  name=sirocco-$version-linux-$arch
  rm -rf "dist/$name" "dist/deb"
  mkdir -p "dist/$name/bin"
  build "dist/$name/bin/sirocco"
  fill "dist/$name" ""
  install -m 755 tools/package/install.sh "dist/$name/install.sh"
  tar -C dist --owner=0 --group=0 --sort=name --mtime="@${SOURCE_DATE_EPOCH-0}" -cJf "dist/$name.tar.xz" "$name"
  say "dist/$name.tar.xz"
  if command -v dpkg-deb >/dev/null 2>&1; then deb "$name" "$arch"; else say "no .deb: dpkg-deb is not installed"; fi
  rm -rf "dist/$name"
}

deb() {
  root=dist/deb
  # The window's library opens these itself while running.
  window=", libxcursor1, libxi6, libxinerama1, libxkbcommon0, libxrandr2"
  [ "$tags" != headless ] || window=
  mkdir -p "$root/usr" "$root/DEBIAN"
  cp -r "dist/$1/bin" "dist/$1/share" "$root/usr/"
  find "$root" -type d -exec chmod 755 {} +
  cat > "$root/DEBIAN/control" <<CONTROL
Package: sirocco
Version: $version
Architecture: $2
Maintainer: The Sirocco authors <sirocco@localhost>
Section: science
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $(depends "$root/usr/bin/sirocco"), libvulkan1$window
Recommends: mesa-vulkan-drivers | vulkan-icd
Description: answers questions about pictures on your own graphics card
 Runs Mistral Small 3.2 through WGSL compute shaders (WebGPU), with tool calls,
 an inspector and an OpenAI-compatible server. Nothing leaves the machine.
CONTROL
  dpkg-deb --root-owner-group -Zxz --build "$root" "dist/sirocco_${version}_$2.deb" >/dev/null
  rm -rf "$root"
  say "dist/sirocco_${version}_$2.deb"
}

windows() {
  prefix=x86_64-w64-mingw32
  command -v $prefix-gcc >/dev/null 2>&1 || die "the Windows build needs mingw-w64: apt-get install gcc-mingw-w64-x86-64"
  name=sirocco-$version-windows-amd64
  rm -rf "dist/$name"
  mkdir -p "dist/$name"
  resource=rsrc_windows_amd64.syso
  trap 'rm -f "$resource"' EXIT
  numbers=$(echo "$version" | tr . ,),0
  sed "s/@NUMBERS@/$numbers/; s/@VERSION@/$version/" tools/package/sirocco.rc | $prefix-windres -I tools/package -o $resource
  export GOOS=windows GOARCH=amd64 CC=$prefix-gcc CXX=$prefix-g++
  build "dist/$name/sirocco-cli.exe"
  # The same program without a console, for a double click.
  [ "$tags" = headless ] || build "dist/$name/Sirocco.exe" "-H=windowsgui"
  unset GOOS GOARCH CC CXX
  rm -f "$resource"
  go run -tags "$tags" . licenses --all > "dist/$name/licenses.txt"
  cp LICENSE "dist/$name/LICENSE.txt"
  (cd dist && rm -f "$name.zip" && zip -q -r "$name.zip" "$name")
  rm -rf "dist/$name"
  say "dist/$name.zip"
}

macos() {
  [ "$(uname -s)" = Darwin ] || die "the macOS application is made on a Mac: its frameworks are not to be had elsewhere"
  app=dist/Sirocco.app/Contents
  rm -rf dist/Sirocco.app
  mkdir -p "$app/MacOS" "$app/Resources"
  build "$app/MacOS/sirocco"
  sed "s/@ID@/$id/; s/@VERSION@/$version/" tools/package/Info.plist > "$app/Info.plist"
  set=$(mktemp -d)/sirocco.iconset
  mkdir -p "$set"
  for size in 16 32 128 256 512; do sips -z $size $size assets/icon.png --out "$set/icon_${size}x$size.png" >/dev/null; done
  iconutil -c icns "$set" -o "$app/Resources/sirocco.icns"
  codesign --force --deep --sign - dist/Sirocco.app
  (cd dist && rm -f "sirocco-$version-macos.zip" && ditto -c -k --keepParent Sirocco.app "sirocco-$version-macos.zip")
  say "dist/sirocco-$version-macos.zip"
}

mkdir -p dist
case ${1-} in
  linux|windows|macos) "$1" ;;
  "")
    if [ "$(uname -s)" = Darwin ]; then macos; exit; fi
    linux
    if command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1; then windows; else say "no Windows build: mingw-w64 is not installed"; fi
    say "no macOS build: that needs a Mac"
    ;;
  *) die "usage: tools/package.sh [linux|windows|macos]" ;;
esac
