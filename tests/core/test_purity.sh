#!/bin/sh
# What the core asks for from outside: nothing but what allowed_symbols.txt names, and what base defines apart
# from its clock and its log. The same question put to base must find the clock, or the question is no good.
# usage: test_purity.sh NM LIBPL_CORE LIBPL_BASE ALLOWED
set -eu
export LC_ALL=C
nm=$1 core=$2 base=$3 allowed=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Sanitizers, coverage and the linker bring symbols of their own.
wanted() {
  "$nm" -u "$1" | awk '$1 == "U" || $1 == "w" { print $2 }' | sort -u |
    grep -vE '^(__(asan|ubsan|tsan|lsan|msan|sanitizer|sancov|odr_asan|gcov|llvm)|_GLOBAL_OFFSET_TABLE_|__start___|__stop___)'
}
defined() { "$nm" --defined-only "$@" | awk 'NF == 3 && $2 ~ /^[A-TV-Z]$/ { print $3 }' | sort -u; }

grep -vE '^(#|$)' "$allowed" | sort -u >"$folder/libc"
defined "$core" >"$folder/core"
defined "$base" | grep -vE '^pl_(clock|log)' >"$folder/base"
sort -u "$folder/libc" "$folder/core" "$folder/base" >"$folder/allowed"
[ "$(wc -l <"$folder/core")" -gt 10 ] && [ "$(wc -l <"$folder/base")" -gt 10 ]

wanted "$core" >"$folder/wanted"
comm -23 "$folder/wanted" "$folder/allowed" >"$folder/refused"
if [ -s "$folder/refused" ]; then
  echo "the core must read no clock and do no I/O, but it uses:"
  cat "$folder/refused"
  "$nm" -uA "$core" | grep -wFf "$folder/refused"
  echo "expected: only what $allowed names, and base without clock and log; take the rest as arguments"
  exit 1
fi
if ! wanted "$base" | comm -23 - "$folder/allowed" | grep -qx clock_gettime; then
  echo "the check did not see that base uses clock_gettime: it would not see it in the core either"
  exit 1
fi
echo "$(wc -l <"$folder/wanted") symbols, all of them allowed"
