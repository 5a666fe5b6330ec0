#!/usr/bin/env bash
# Every header compiles alone: what it needs, it includes. No include path of a foreign library is given, so a
# foreign type in an interface fails here.
#
#   alone.sh [COMPILER]       default: cc
set -euo pipefail
cd "$(dirname "$0")/../.."
cc=${1:-cc}
flags=(-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Isrc -Iinclude)

n=0 bad=0
while IFS= read -r header; do
  n=$((n + 1))
  echo "#include \"${header#*/}\"" | "$cc" "${flags[@]}" -x c - || {
    bad=$((bad + 1))
    echo "$header does not compile alone" >&2
  }
done < <(find include src -name '*.h' | sort)

echo "$n headers, $bad do not compile alone ($cc)"
((n > 0 && bad == 0))
