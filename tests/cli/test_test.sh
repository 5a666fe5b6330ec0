#!/usr/bin/env bash
# `paceline test` as a person and as a build server meet it: exit codes, what is printed, the JUnit file.
#
#   test_test.sh PACELINE PYTHON ROOT
set -euo pipefail
paceline=$1 python=$2 root=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$root/examples/inside-sales.yaml" "$folder/policy.yaml"
cp -r "$root/examples/holidays" "$folder/holidays"
cd "$folder"

scenario() { # NAME STATE: at noon of a Monday without calls
  printf '  %s:\n    start: 2026-03-02\n    at: {12:00: {ada: {daily_calls: %s}}}\n' "$1" "$2"
}
{ echo "policy: policy.yaml" && echo "scenarios:" && scenario "Silence is noticed" behind; } >right.test.yaml
{ cat right.test.yaml && scenario '"5 < 6 & \"x\""' met; } >failing.test.yaml
{ cat right.test.yaml && scenario "Nobody is \`mett\`" mett; } >wrong.test.yaml

expect() { # CODE ARGUMENT...
  local code=0
  "$paceline" test "${@:2}" >out 2>err || code=$?
  [[ $code == "$1" ]] || { echo "test ${*:2}: exit $code, expected $1" >&2 && cat out err >&2 && exit 1; }
}
says() { # FILE LINE...: the file holds exactly these lines
  printf '%s\n' "${@:2}" | diff - "$1" >&2
}
holds() { # FILE REGEX
  grep -qE "$2" "$1" || { echo "not in $1: $2" >&2 && cat "$1" >&2 && exit 1; }
}

expect 0 right.test.yaml
says out "ok      Silence is noticed" "1 scenario, 0 failed"
[[ ! -s err ]]

expect 1 right.test.yaml failing.test.yaml
holds out '^FAILED  5 < 6 & "x"$'
holds out '^failing.test.yaml:8:37: at 2026-03-02 12:00, ada daily_calls state: found behind, expected met$'
[[ $(tail -1 out) == "3 scenarios, 1 failed" ]]

expect 78 right.test.yaml wrong.test.yaml
says out "ok      Silence is noticed" "1 scenario, 0 failed, 1 wrong file"
holds err "^wrong.test.yaml:8:37: scenarios.Nobody is .*daily_calls: found 'mett', expected a state"
expect 78 nowhere.test.yaml
holds err '^nowhere.test.yaml: found no file to read .No such file or directory.'
echo "policy: [" >policy.yaml.broken && sed 's/policy.yaml/policy.yaml.broken/' right.test.yaml >broken.test.yaml
expect 78 broken.test.yaml
holds err '^policy.yaml.broken:2:1: found what is not YAML'

expect 0 --run '^Silence (is|was)' failing.test.yaml
says out "ok      Silence is noticed" "1 scenario, 0 failed"
expect 64 --run 'no such' right.test.yaml
holds err "no scenario's name matches"
expect 64 --run '(' right.test.yaml
expect 64
expect 64 --no-such-option right.test.yaml
expect 0 -h
holds out '^usage: paceline test'

expect 78 --junit results.xml failing.test.yaml wrong.test.yaml
expect 73 --junit no/such/folder/results.xml right.test.yaml
"$python" - <<'PYTHON'
import xml.etree.ElementTree as tree
suites = tree.parse("results.xml").getroot()
counts = lambda e: tuple(int(e.get(k)) for k in ("tests", "failures", "errors"))
assert suites.tag == "testsuites" and counts(suites) == (3, 1, 1), tree.tostring(suites)
failing, wrong = suites
assert failing.get("name") == "failing.test.yaml" and counts(failing) == (2, 1, 0)
right, failed = failing
assert right.get("name") == "Silence is noticed" and len(right) == 0
assert failed.get("name") == '5 < 6 & "x"' and failed[0].tag == "failure"
assert failed[0].get("message").startswith("failing.test.yaml:8:37: at 2026-03-02 12:00")
assert len(failed[0].text.splitlines()) == 2, failed[0].text
assert counts(wrong) == (1, 0, 1) and wrong[0][0].tag == "error" and "mett" in wrong[0][0].text
PYTHON
sed 's/chance: 0.2,/chance: 0.05,/' policy.yaml >patient.yaml
expect 0 --diff policy.yaml right.test.yaml
says out "Silence is noticed" "1 scenario: 0 alerts less, 0 more"
expect 0 --diff patient.yaml right.test.yaml
[[ $(tail -1 out) == "1 scenario: 6 alerts less, 6 more" ]]
holds out '^- 2026-03-02 10:25:04 behind daily_calls ada to rep ada: Calls today: '
holds out '^\+ 2026-03-02 10:54:42 behind daily_calls ada to rep ada: Calls today: '
expect 78 --diff nowhere.yaml right.test.yaml
holds err '^nowhere.yaml: found no file to read'
expect 64 --diff policy.yaml --junit results.xml right.test.yaml

echo "every exit code, the JUnit file and the differences are right"
