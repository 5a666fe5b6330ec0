#!/usr/bin/env bash
# `paceline check` as a person meets it: what is counted, warned of and refused, on real files.
set -euo pipefail
paceline=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

expect() { # CODE ARGUMENT...
  local code=0
  "$paceline" "${@:2}" >out 2>err || code=$?
  [[ $code == "$1" ]] || { echo "${*:2}: exit $code, expected $1" >&2 && cat out err >&2 && exit 1; }
}
says() { # FILE LINE...: the file holds exactly these lines
  printf '%s\n' "${@:2}" | diff - "$1" >&2
}
holds() { # FILE TEXT
  grep -qF "$2" "$1" || { echo "not in $1: $2" >&2 && cat "$1" >&2 && exit 1; }
}

# An empty file, and one of comments alone, are every default; that nothing is counted is said.
: >empty.yaml
echo "# later" >comments.yaml
for file in empty.yaml comments.yaml; do
  expect 0 check $file
  says out "$file: 0 metrics, 0 goals, 0 reps, 0 teams: no errors"
  says err "$file:1:1: warning: the file: found no \`metrics\`, expected some: without them nothing is counted"
done
expect 0 check --print empty.yaml
printf 'policy: empty.yaml\nscenarios: {nothing: {start: 2026-03-02}}\n' >empty.test.yaml
expect 78 test empty.yaml
holds err "empty.yaml:1:1: scenarios: found nothing"
expect 78 test empty.test.yaml
[[ ! $(<err) =~ assert ]]

# What there is one of is said to be one.
calls='metrics: {calls: {count: call, windows: [day, week]}}'
one="$calls
teams: {north: {}}
reps: {ada: {team: north}}"
echo "$one
goals: {g: {rep: ada, metric: calls, period: day, target: 40}}" >one.yaml
expect 0 check one.yaml
says out "one.yaml: 1 metric, 1 goal, 1 rep, 1 team: no errors"
[[ ! -s err ]]

# Of two that ask for the same the harder one has the easier in it: no error, and hardly meant.
echo "$one
goals:
  g: {each: north, metric: calls, period: day, target: 40}
  h: {rep: ada, metric: calls, period: day, target: 60}
  few: {rep: ada, metric: calls, period: day, target: 70, direction: lower}
  later: {rep: ada, metric: calls, period: day, target: 90, from: 2026-03-10, status: proposed}
  weekly: {rep: ada, metric: calls, period: week, target: 90}" >two.yaml
expect 0 check two.yaml
says err "two.yaml:6:53: warning: goals.h.target: found at least 60 calls in a day beside at least 40 of the goal 'g' in line 5, expected one of the two: who meets the harder one meets both; leave them only if one is meant as a step"

# Closed for so long that a whole week of a goal has no working time.
closed() { # DAYS PERIOD
  echo "calendars: {default: {week: {mon-fri: 09:00-17:00}, closed: $1}}
$one
goals: {g: {rep: ada, metric: calls, period: $2, target: 40}}" >closed.yaml
  expect 0 check closed.yaml
}
closed 2190-12-23..2190-12-30 week # that leaves a Friday
[[ ! -s err ]]
closed 2190-12-27..2190-12-31 week
says err "closed.yaml:1:61: warning: calendars.default.closed: found no working time in the whole of 2190-W52, expected some: the goal 'g' has that week, and nobody would be judged in it; shorten the days off unless that is meant"
closed 2190-12-27..2190-12-31 day # days off are what it is for
[[ ! -s err ]]
closed 2001-12-24..2001-12-28 week # that is over
[[ ! -s err ]]

# One thing is asked for at a time.
expect 64 check --print --live one.yaml
expect 64 check --reference --print one.yaml
