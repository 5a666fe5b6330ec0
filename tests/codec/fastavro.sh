#!/usr/bin/env bash
# fastavro, an implementation of Avro that shares nothing with ours, for Debian's python3.
#
#   fastavro.sh install              fetch it into the cache (needs python3-pip)
#   fastavro.sh with COMMAND ARGS... COMMAND finds it
#
# PACELINE_CACHE (default ~/.cache/paceline) keeps it.
set -euo pipefail

version=1.13.1
cache=${PACELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paceline}
folder=$cache/fastavro-$version

case ${1:-} in
install)
  [[ -d $folder ]] && exit 0
  echo "== fetch fastavro $version"
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/fastavro.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --only-binary :all: --target "$new/all" "fastavro==$version"
  mv -T "$new/all" "$folder" || [[ -d $folder ]] # somebody else was faster
  ;;
with)
  [[ -d $folder ]] || {
    echo "fastavro.sh: there is no $folder: tests/codec/fastavro.sh install" >&2
    exit 2
  }
  PYTHONPATH=$folder exec "${@:2}"
  ;;
*)
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
  ;;
esac
