#!/bin/sh
# Installs Sirocco from this folder: for everybody as root, else for you alone.
#   ./install.sh [PREFIX]      PREFIX is /usr/local or ~/.local unless given
#   ./install.sh --remove [PREFIX]
set -eu
cd "$(dirname "$0")"
remove=
if [ "${1-}" = --remove ]; then remove=1; shift; fi
if [ "$(id -u)" = 0 ]; then prefix=${1:-/usr/local}; else prefix=${1:-$HOME/.local}; fi
find bin share -type f | while read -r file; do
  if [ -n "$remove" ]; then rm -f "$prefix/$file"; else
    mode=644
    [ "$file" != bin/sirocco ] || mode=755
    install -D -m $mode "$file" "$prefix/$file"
  fi
done
if command -v update-mime-database >/dev/null 2>&1; then update-mime-database "$prefix/share/mime" >/dev/null 2>&1 || true; fi
if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database "$prefix/share/applications" >/dev/null 2>&1 || true; fi
if [ -n "$remove" ]; then echo "Sirocco is gone from $prefix"; exit; fi
echo "Sirocco is in $prefix/bin"
case ":$PATH:" in *":$prefix/bin:"*) ;; *) echo "$prefix/bin is not in your PATH" ;; esac
