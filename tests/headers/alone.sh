#!/usr/bin/env bash
# Every header compiles alone: what it needs, it includes. And each foreign library is included only where it is owned:
# no other room sees its types.
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

# library: who may include it
owners="
librdkafka/: src/io/kafka[a-z_]*\.[ch]|src/io/embedded\.c|src/cli/crm\.c
hiredis/: src/io/redis_link\.c|src/cli/views\.c
event2/: src/io/[a-z_]*\.c|src/cli/inbox\.c
curl/: src/io/http_client\.c
avro|avro\.h: src/codec/schema\.c
yaml\.h: src/config/tree\.c
jansson\.h: src/codec/(answer|catalog|digest_person|hook|post|schema|schema_join|silence|sink)\.c|src/io/kafka_data\.c|src/cli/(inbox|progress)\.c
openssl/: src/io/(sign|keyring|fingerprint)\.c
"
while IFS=: read -r library files; do
  [ -n "$library" ] || continue
  while IFS= read -r file; do
    echo "$file" | grep -Exq "${files# }" && continue
    bad=$((bad + 1))
    echo "$file includes <$library...>, which belongs to ${files# }" >&2
  done < <(grep -rlE "^#include <($library)" src include)
done <<<"$owners"

echo "$n headers, $bad complaints ($cc)"
((n > 0 && bad == 0))
