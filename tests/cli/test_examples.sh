#!/usr/bin/env bash
# Every configuration that the documentation shows passes `paceline check`: the files in examples/, and the one in
# README.md as it stands there (it.test_connect has the part of the other one). Every *.test.yaml in examples/ comes true.
set -euo pipefail
paceline=$1 root=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck disable=SC2016 # the backticks are Markdown's
sed -n '/^```yaml$/,/^```$/p; /^## Connect/q' "$root/README.md" | sed '/^```/d; /^##/d' >"$folder/readme.yaml"
[[ -s $folder/readme.yaml ]] || { echo "README.md shows no configuration" >&2; exit 1; }
checked=0
for file in "$folder/readme.yaml" "$root"/examples/*.yaml; do
  [[ $file != *.test.yaml ]] || continue
  "$paceline" check "$file"
  "$paceline" check --print "$file" >"$folder/effective.yaml"
  "$paceline" check "$folder/effective.yaml" >"$folder/out" || { cat "$folder/out" >&2; exit 1; }
  checked=$((checked + 1))
done
"$paceline" check --reference | cmp - "$root/examples/reference.yaml"
"$paceline" test "$root"/examples/*.test.yaml

# A list of holidays that has ended is warned of, and no error.
echo '1999-12-25: Christmas Day' >"$folder/ended.yaml"
echo 'calendars: {office: {week: {mon-fri: 09:00-17:00}, holidays: ended.yaml}}
metrics: {calls: {count: call, windows: [week]}}' >"$folder/old.yaml"
"$paceline" check "$folder/old.yaml" 2>"$folder/err"
grep -q 'old.yaml:1:62: warning: calendars.office.holidays: found no holiday after 1999-12-25' "$folder/err"
echo "$checked configurations"
