# Part of stand-in.sh: an engine in $folder, and its end. All that it keeps lies there.

newer=$folder/newer

packages() {
  local lacking=() program
  for program in dockerd:docker.io iptables:iptables docker-compose:docker-compose debootstrap:debootstrap; do
    command -v "${program%%:*}" >/dev/null || lacking+=("${program##*:}")
  done
  [ ${#lacking[@]} -gt 0 ] || return 0
  apt-get update -q
  apt-get install -qy --no-install-recommends -o DPkg::Lock::Timeout=400 "${lacking[@]}"
  # The package starts an engine of its own, which would share the network with ours.
  if [ -d /run/systemd/system ] && [[ " ${lacking[*]} " = *" docker.io "* ]]; then
    systemctl disable -q --now docker.socket docker.service containerd.service
  fi
}

# The root of a Debian 13: of most images, and for fetching its packages.
base_system() {
  [ -f "$folder/base.made" ] && return
  rm -rf "$folder/base"
  debootstrap --variant=minbase --include=ca-certificates trixie "$folder/base" >"$folder/debootstrap.log"
  # So that `npm ci` and Go in a container trust what this machine trusts.
  cp /etc/ssl/certs/ca-certificates.crt "$folder/base/etc/ssl/certs/ca-certificates.crt"
  touch "$folder/base.made"
}

# Debian 13's engine runs on Debian 12, but for its runc, which wants a newer C library.
unpack_newer() {
  [ -f "$newer/made" ] && return
  local inside='cd /tmp && apt-get update -qq && apt-get download -qq docker.io docker-cli containerd docker-compose docker-buildx' deb
  rm -rf "$newer" && mkdir -p "$newer/config/cli-plugins"
  cp /etc/resolv.conf "$folder/base/etc/resolv.conf"
  chroot "$folder/base" sh -c "$inside" 2>/dev/null
  for deb in "$folder"/base/tmp/*.deb; do dpkg-deb -x "$deb" "$newer"; done
  rm -rf "$folder"/base/tmp/*.deb "$folder"/base/var/lib/apt/lists/*
  ln -s "$newer"/usr/libexec/docker/cli-plugins/docker-* "$newer/config/cli-plugins"
  echo '{"features":{"containerd-snapshotter":true}}' >"$newer/daemon.json"
  touch "$newer/made"
}

# What a client needs: prints it, and sets it here.
settings() {
  local lines=("export DOCKER_HOST=unix://$folder/$1-engine/sock")
  [ "$1" = older ] || lines+=("export DOCKER_CONFIG=$newer/config PATH=$newer/usr/bin:$newer/usr/sbin:\$PATH")
  printf '%s\n' "${lines[@]}"
}

answers() { timeout 5 docker version >/dev/null 2>&1; }

# $1: older or newer.
start_engine() {
  local engine=$folder/$1-engine other resolver
  eval "$(settings "$1")"
  answers && return
  for other in older newer; do [ "$other" = "$1" ] || end_engine "$folder/$other-engine"; done
  take_back_network
  mkdir -p "$engine"
  rm -f "$engine/pid"
  # Put back by the end: an engine changes both for the whole machine.
  { cat /proc/sys/net/ipv4/ip_forward; iptables -S FORWARD | sed -n 's/^-P FORWARD //p'; } >"$folder/network-before"
  resolver=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)
  [ "$1" = older ] && echo '{}' >"$engine/daemon.json" || cp "$newer/daemon.json" "$engine/daemon.json"
  # Ports are published on this machine only, for clients that do not say where (testcontainers).
  setsid nohup dockerd --config-file "$engine/daemon.json" --data-root "$engine/root" --exec-root "$engine/exec" --pidfile "$engine/pid" \
    -H "$DOCKER_HOST" --ip 127.0.0.1 ${resolver:+--dns "$resolver"} >"$engine/log" 2>&1 </dev/null &
  for _ in $(seq 100); do
    answers && { echo "started $(docker version --format '{{.Server.Version}}')"; return; }
    sleep 0.3
  done
  tail -20 "$engine/log" >&2
  exit 1
}

# By its process id, and not before it is gone: its files are in use until then.
end_engine() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  rm -f "$1/pid"
}

stop_engines() {
  end_engine "$folder/older-engine"
  end_engine "$folder/newer-engine"
  take_back_network
  find /sys/fs/cgroup -depth -type d \( -path '*/docker/*' -o -name docker \) -exec rmdir {} + 2>/dev/null || true
  local mounted
  awk -v below="$folder/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do umount "$mounted"; done
}

# Rules and chains are named after Docker or its bridges, and nothing else is.
take_back_network() {
  [ -f "$folder/network-before" ] || return 0
  local table rule chain link
  for table in filter nat; do
    iptables -t $table -S | grep -E '^-A .*(DOCKER|docker0|br-[0-9a-f]{12})|^-A POSTROUTING -s 172\.' | sed 's/^-A/-D/' |
      while read -r rule; do eval "iptables -t $table $rule"; done || true
    for chain in $(iptables -t $table -S | awk '/^-N DOCKER/ { print $2 }'); do iptables -t $table -F "$chain"; done
    for chain in $(iptables -t $table -S | awk '/^-N DOCKER/ { print $2 }'); do iptables -t $table -X "$chain"; done
  done
  for link in $(ls /sys/class/net | grep -E '^(docker0|br-[0-9a-f]{12})$'); do ip link del "$link"; done
  { read -r forward; read -r policy; } <"$folder/network-before"
  echo "$forward" >/proc/sys/net/ipv4/ip_forward
  iptables -P FORWARD "$policy"
  rm -f "$folder/network-before"
}
