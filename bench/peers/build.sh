#!/usr/bin/env bash
# The peers of the benchmark, built into the cache: Java with Maven, Go with the Go that go.mod names, packages for Debian's python3.
#
#   build.sh                prints the folder: java/ (classes and lib/), go/peer, python/
#   build.sh versions       of the runtimes and libraries, a line each
#
# PACELINE_CACHE (default ~/.cache/paceline) keeps them, and what was fetched for Go; Maven has its own. Debian's Go is older
# than these libraries want: it fetches the newer one, which is a module too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PACELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paceline}
out=$cache/peers
log=$out/log
export GOPATH=$cache/go GOMODCACHE=$cache/go/mod GOFLAGS='-modcacherw -buildvcs=false' GOTOOLCHAIN=local

go_version() { awk '$1 == "go" { print $2 }' "$here/go/go.mod"; }

java() { mvn -q -B -f "$here/java/pom.xml" package -Dout="$out/java"; }

go() {
  local toolchain
  toolchain=golang.org/toolchain@v0.0.1-go$(go_version).linux-$(dpkg --print-architecture)
  command go mod download "$toolchain"
  chmod -R u+x "$GOMODCACHE/$toolchain/bin" "$GOMODCACHE/$toolchain/pkg/tool"
  "$GOMODCACHE/$toolchain/bin/go" build -C "$here/go" -o "$out/go/peer" .
}

python() {
  /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --only-binary :all: \
    --target "$out/python" -r "$here/python/requirements.txt"
}

# Built again when a source has changed.
make() { # NAME
  local sum
  sum=$(find "$here/$1" "$here/../../schemas" -type f -exec sha256sum {} + | sort | sha256sum)
  [[ $(cat "$out/$1/.done" 2>/dev/null) == "$sum" ]] && return
  echo "== build the peers in $1" >&2
  rm -rf "${out:?}/$1"
  mkdir -p "$out/$1"
  (cd "$out" && "$1") >"$log-$1" 2>&1 || {
    tail -n 20 "$log-$1" >&2
    echo "build.sh: $1: see $log-$1" >&2
    exit 1
  }
  echo "$sum" >"$out/$1/.done"
}

# Of the Kafka, Flink, ... that were resolved, not of what was asked for.
versions() {
  command java -version 2>&1 | sed -n 's/^openjdk version "\(.*\)".*/OpenJDK \1/p'
  (cd "$out/java/lib" && printf '%s\n' kafka-clients-* kafka-streams-* flink-streaming-java-* flink-connector-kafka-* avro-[0-9]* \
    jedis-* rocksdbjni-*) | sed 's/\.jar$//;s/-\([0-9][^-]*\(-[0-9.]*\)\?\)$/ \1/'
  echo "Go $(go_version)"
  awk '/^\)/ { exit } $1 ~ /\// { sub(".*/(hamba|redis|twmb)/", "", $1); print $1, $2 }' "$here/go/go.mod"
  /usr/bin/python3 --version
  sed 's/==/ /' "$here/python/requirements.txt"
}

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
case ${1:-} in
versions) versions ;;
'')
  for peer in java go python; do make "$peer"; done
  echo "$out"
  ;;
*)
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 64
  ;;
esac
