#!/usr/bin/env bash
# A real schema registry with Confluent's API (Apicurio Registry, in memory) for tests, on loopback.
#
#   registry.sh install    fetch it into the cache (needs mvn and a Java 17 runtime)
#   registry.sh run PORT   becomes the registry; it answers at http://127.0.0.1:PORT/apis/ccompat/v7
#
# PACELINE_CACHE (default ~/.cache/paceline) keeps it beside Kafka's jars.
set -euo pipefail

version=${REGISTRY_VERSION:-3.0.9}
cache=${PACELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paceline}
home=$cache/apicurio-$version

# Under a lock: several tests may start at once on a fresh machine.
install_registry() {
  [[ -f $home/.done ]] && return
  mkdir -p "$cache"
  exec 9>"$cache/registry.lock"
  flock 9
  if [[ ! -f $home/.done ]]; then
    local archive=apicurio-registry-app-$version-all.tar.gz
    mkdir -p "$home"
    # The plugin's later versions want the parent of the archive's pom too, which was never published.
    (cd "$home" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:2.10:copy \
      "-Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all" "-DoutputDirectory=$home" >&2)
    tar -xzf "$home/$archive" -C "$home"
    rm "$home/$archive"
    touch "$home/.done"
  fi
  exec 9>&-
}

case ${1:-} in
install) install_registry ;;
run)
  install_registry
  exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$2" \
    -jar "$home/apicurio-registry-app-$version-runner.jar"
  ;;
*)
  sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'
  exit 64
  ;;
esac
