#!/usr/bin/env bash
# A real Apache Kafka broker (KRaft, one node) for tests: loopback, free ports, no TLS, no authentication. KAFKA_SECURE
# may name a file of broker properties: then there is a second listener, SECURE, of which they say what it asks for.
#
#   kafka.sh install                 fetch the jars into the cache (needs mvn and a Java 17 runtime)
#   kafka.sh with COMMAND ARGS...    a broker with data of its own for as long as COMMAND runs, whose exit code it
#                                    returns; COMMAND finds KAFKA_BROKERS (host:port), KAFKA_PID, KAFKA_FOLDER and
#                                    KAFKA_SCRIPT (this file: it may stop and start its broker) in its environment,
#                                    and KAFKA_SECURE_BROKERS, the second listener's place. Whoever comes to KAFKA_BEHIND
#                                    is told to come to KAFKA_DOOR, where a test may put a proxy
#   kafka.sh start FOLDER            a broker with its data in FOLDER that stays; prints host:port, which it has again
#                                    when it is started again
#   kafka.sh stop FOLDER             stops it, in order
#   kafka.sh tool FOLDER CLASS ARGS  a tool from the jars, such as org.apache.kafka.tools.TopicCommand
#
# PACELINE_CACHE (default ~/.cache/paceline) keeps the jars and a formatted, empty store, so that a start takes
# seconds. `with` never leaves a broker behind: it is stopped by its pid however COMMAND ends, and the kernel kills
# it if this script is killed.
set -euo pipefail

version=${KAFKA_VERSION:-4.3.1}
cache=${PACELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paceline}
jars=$cache/kafka-$version
empty=$cache/kafka-$version-empty
heap=${KAFKA_HEAP:-384m}

say() { echo "kafka.sh: $*" >&2; }

pom() {
  cat <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
}

# Everything is per node and without copies; topics are made by whoever needs them.
conf() { # FOLDER PORT CONTROLLER_PORT SECURE_PORT PORT_BEHIND DOOR_PORT
  local secure=${KAFKA_SECURE:+,SECURE://127.0.0.1:$4}
  cat <<PROPS
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$3
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3,BEHIND://127.0.0.1:$5$secure
advertised.listeners=PLAINTEXT://127.0.0.1:$2,BEHIND://127.0.0.1:$6$secure
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,BEHIND:PLAINTEXT,SECURE:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
num.partitions=1
num.network.threads=2
num.io.threads=2
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=200
log.retention.hours=-1
log.retention.check.interval.ms=1000
PROPS
  [[ -z ${KAFKA_SECURE:-} ]] || cat "$KAFKA_SECURE"
}

tool() {
  java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$jars/*" "$@"
}

# Under a lock: several tests may start at once on a fresh machine.
install_jars() {
  [[ -f $jars/.done && -f $empty/meta.properties ]] && return
  mkdir -p "$cache"
  exec 9>"$cache/kafka.lock"
  flock 9
  if [[ ! -f $jars/.done ]]; then
    mkdir -p "$jars"
    pom >"$jars/pom.xml"
    mvn -q -B -f "$jars/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$jars" >&2
    touch "$jars/.done"
  fi
  if [[ ! -f $empty/meta.properties ]]; then
    local work
    work=$(mktemp -d "$cache/format.XXXXXX")
    KAFKA_SECURE='' conf "$work" 9092 9093 9094 9095 9096 >"$work/conf"
    tool kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$work/conf" >&2
    rm -rf "$empty"
    mv "$work/data" "$empty"
    rm -rf "$work"
  fi
  exec 9>&-
}

# Below the range the kernel gives to outgoing connections, so only a listener can be in the way.
free_port() { # PORTS THAT IT MUST NOT BE
  local port
  while port=$((10240 + RANDOM % 20000)); [[ " $* " == *" $port "* ]] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

pid='' boot='' secure='' behind='' door=''

# Starts a broker in FOLDER; further words go before java.
launch() {
  local folder=$1 ports i try
  shift
  install_jars
  [[ -d $folder/data ]] || { mkdir -p "$folder" && cp -r "$empty" "$folder/data"; }
  for try in 1 2 3; do
    if [[ ! -f $folder/ports ]]; then
      ports=()
      while ((${#ports[@]} < 5)); do ports+=("$(free_port "${ports[@]}")"); done
      echo "${ports[@]}" >"$folder/ports"
      conf "$folder" "${ports[@]}" >"$folder/conf"
    fi
    read -ra ports <"$folder/ports"
    : >"$folder/log"
    "$@" java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -XX:MaxDirectMemorySize=256m -XX:+ExitOnOutOfMemoryError \
      -XX:TieredStopAtLevel=1 -Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
      -cp "$jars/*" kafka.Kafka "$folder/conf" >>"$folder/log" 2>&1 </dev/null &
    pid=$! boot=127.0.0.1:${ports[0]} secure=${KAFKA_SECURE:+127.0.0.1:${ports[2]}}
    behind=127.0.0.1:${ports[3]} door=127.0.0.1:${ports[4]}
    echo "$pid" >"$folder/pid"
    for ((i = 0; i < 600; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      # the port opens late, when the broker is registered and unfenced
      if (exec 3<>"/dev/tcp/127.0.0.1/${ports[0]}") 2>/dev/null; then return 0; fi
      sleep 0.1
    done
    grep -q 'Address already in use' "$folder/log" || break
    say "port taken meanwhile, attempt $try"
    rm "$folder/ports"
  done
  say "the broker did not start; the end of its log:"
  tail -20 "$folder/log" >&2
  return 1
}

end() { # PID: in order if it does so within ten seconds; it may stand still
  local i
  kill -CONT "$1" 2>/dev/null || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  for ((i = 0; i < 100; i++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

case ${1:-} in
install) install_jars ;;
start)
  launch "$2" setsid
  echo "$boot"
  ;;
stop) end "$(<"$2/pid")" ;;
tool)
  shift 2
  tool "$@"
  ;;
with)
  shift
  folder=$(mktemp -d)
  trap 'if [[ -s $folder/pid ]]; then kill -KILL "$(<"$folder/pid")"; wait; fi 2>/dev/null || true; rm -rf "$folder"' EXIT
  trap 'exit 143' TERM INT HUP
  launch "$folder" setpriv --pdeathsig KILL
  code=0
  KAFKA_BROKERS=$boot KAFKA_SECURE_BROKERS=$secure KAFKA_BEHIND=$behind KAFKA_DOOR=$door \
    KAFKA_PID=$pid KAFKA_FOLDER=$folder KAFKA_SCRIPT=$0 "$@" || code=$?
  exit "$code"
  ;;
*)
  sed -n '2,18p' "$0" | sed 's/^# \{0,1\}//'
  exit 64
  ;;
esac
