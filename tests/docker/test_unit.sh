#!/usr/bin/env bash
# The systemd unit: every line means something to systemd, and its exposure is 1.2 or better.
set -euo pipefail
unit=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's|=/usr/local/bin/paceline|=/bin/true|; s|^Documentation=.*||' "$unit" >"$folder/paceline.service"
said=$(systemd-analyze verify "$folder/paceline.service" 2>&1 | grep -F "$folder" || true)
if [[ -n $said ]]; then
  echo "$said"
  exit 1
fi
systemd-analyze security --offline=true --no-pager --threshold=12 "$unit" | tail -1
