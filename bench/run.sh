#!/usr/bin/env bash
# What paceline costs, as a ratio to what librdkafka alone costs on the same topic in the same run; and what others do.
#
#   run.sh [EVENTS [REPS [ROUNDS [SPAN [PEERS]]]]]   default: 10000000 20000 5; the events happened within SPAN seconds,
#                                       default (0): so that there are 20000 in each. PEERS: all (default), none, or
#                                       names of contenders.py, with semicolons
#   run.sh quick                        drain and paceline alone, 5000000 events, in two minutes
#   run.sh core [REPS]                  judging alone, without Kafka and Redis (core.c); default: 1000000
#   run.sh decode [ROUNDS [SEED]]       bytes into events, beside libraries (decode.c); default: 40 rounds
#   run.sh path [--renew]               instructions of the hot path by room (path.py); --renew: as the baseline
#   run.sh profile                      where the time goes, by what paceline does (profile.py): one minute; needs perf
#   run.sh latency                      from produced to visible, and readers meanwhile (latency.py): four minutes
#   run.sh start [REPS]                 start to first flush, memory (start.py); default: 1000000: five minutes
#   run.sh scale                        cost by reps, processes, partitions, Redis (scale.py): ten minutes
#   run.sh takeover [REPS]              a daemon is killed and another one takes over (takeover.py); default: 100000
#   run.sh delivery [RATE [REPS [PART]]]   who falls behind is told (delivery.py); default: 100000 events/s of 20000 reps
#
# Starts a real broker and a private Redis, fills a topic once, then measures in interleaved rounds, with all cores and
# pinned to one. Writes bench/results/ and prints the table.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
case ${1:-} in
core | decode)
  cd "$root"
  cmake --preset release >/dev/null
  cmake --build build/release --target "$1" >/dev/null
  exec "build/release/bench/$1" "${@:2}"
  ;;
esac
if [ "${1:-}" = path ]; then
  exec /usr/bin/python3 -B "$here/path.py" "${@:2}"
fi
script=rounds
case ${1:-} in
quick) set -- 5000000 20000 3 0 none ;;
latency | scale | profile) script=$1 && set -- ;;
start) script=$1 && set -- "${2:-1000000}" ;;
takeover) script=$1 && set -- "${2:-100000}" ;;
delivery) script=$1 && set -- "${2:-100000}" "${3:-20000}" "${4:-all}" ;;
*) set -- "${1:-10000000}" "${2:-20000}" "${3:-5}" "${4:-0}" "${5:-all}" ;;
esac
build=$root/build/release

cd "$root"
cmake --preset release >/dev/null
cmake --build "$build" --target paceline fill drain probe >/dev/null
export PYTHONPATH=$root/tests/it
[ "$script" != scale ] || exec /usr/bin/python3 -B "$here/scale.py" "$root" "$build" # brokers of its own
exec "$root/tests/it/kafka.sh" with /usr/bin/python3 -B "$here/$script.py" "$root" "$build" "$@"
