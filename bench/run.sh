#!/usr/bin/env bash
# What paceline costs, as a ratio to what librdkafka alone costs on the same topic in the same run.
#
#   run.sh [EVENTS [REPS [ROUNDS]]]     default: 5000000 20000 5
#
# Starts a real broker and a private Redis, fills a topic once, then measures in interleaved rounds, with all cores and
# pinned to one. Writes bench/results/ and prints the table.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
events=${1:-5000000} reps=${2:-20000} rounds=${3:-5}
build=$root/build/release

cd "$root"
cmake --preset release >/dev/null
cmake --build "$build" --target paceline fill drain >/dev/null
exec "$root/tests/it/kafka.sh" with python3 "$here/rounds.py" "$root" "$build" "$events" "$reps" "$rounds"
