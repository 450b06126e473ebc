#!/bin/sh
# Kept for old habits: `seedcore-deploy apply NAMESPACE` replaces this script.
set -eu
repo=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
if [ $# -eq 0 ]; then
    echo "usage: $0 NAMESPACE [options of seedcore-deploy apply]" >&2
    exit 2
fi
echo "note: $0 is replaced by: seedcore-deploy apply $*" >&2
tool=seedcore-deploy
if ! command -v "$tool" >/dev/null 2>&1; then
    tool=$repo/.venv/bin/seedcore-deploy
    if [ ! -x "$tool" ]; then
        echo "$0: seedcore-deploy is not installed" >&2
        echo "  mend: python3 -m venv $repo/.venv && $repo/.venv/bin/pip install $repo" >&2
        exit 2
    fi
fi
case $PWD/ in
"$repo"/*) ;;
*) cd "$repo" ;; # overlays are searched from the current folder upwards
esac
exec "$tool" apply "$@"
