#!/usr/bin/env bash
# A Docker engine, and the images of docker-compose.yml, for a Debian 12 machine (as root) that reaches no image registry:
#
#   test/docker/stand-in.sh FOLDER           Debian 12's own engine (20.10, Compose 1.29)
#   test/docker/stand-in.sh FOLDER newer     Debian 13's (26.1 with containerd's image store, Compose 2.26, Buildx)
#   test/docker/stand-in.sh FOLDER stop      ends the engine, and takes back what it did to the network; images stay for the next start
#   test/docker/stand-in.sh FOLDER remove    that, and removes FOLDER
#
# The last lines that it prints are what to set; then `npm run test:docker`. Done again it only makes what is missing. One engine at a time.
#
# The images have the names and versions of upstream's and run the same programs, which come from the package registries that this machine
# reaches: Debian's, Maven's, npm's and Go's. They are not upstream's: pulling those, and Kafka UI, is not tested by this.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
what=${2:-older}

source "$root/test/docker/engine.sh"
source "$root/test/docker/images.sh"

case $what in
  stop) stop_engines ;;
  remove)
    stop_engines
    rm -rf "$folder"
    ;;
  older | newer)
    packages
    base_system
    [ "$what" = older ] || unpack_newer
    start_engine "$what"
    make_images
    settings "$what"
    ;;
  *)
    echo "$what: neither newer nor stop nor remove" >&2
    exit 2
    ;;
esac
