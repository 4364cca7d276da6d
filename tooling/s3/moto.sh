#!/usr/bin/env bash
# moto's S3 server on 127.0.0.1, for what neither Ceph nor most others do: archived classes and their thaw.
# Debian's python3-moto is unpacked into its own folder (apt checks the signatures) and run with chroot; nothing is
# installed on this machine. Needs root. It checks no credentials.
#
#   moto.sh start | env | stop | run CMD...
#
# MOTO_DIR (default /tmp/s3db-backup-moto), MOTO_PORT (7485), MOTO_SUITE (trixie: the Debian release to take it from).
set -euo pipefail

dir=${MOTO_DIR:-/tmp/s3db-backup-moto}
port=${MOTO_PORT:-7485}
suite=${MOTO_SUITE:-trixie}
root=$dir/root

unpack() {
  [ ! -e "$root/.complete" ] || return 0
  local mirror apt=$dir/apt link deb
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | sort -u | head -n 1)
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,etc/preferences.d,etc/sources.list.d} "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,proc,tmp,etc/ssl/certs}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror%/} $suite main" >"$apt/etc/sources.list"
  local options=(-q -y -o Dir::Etc="$apt/etc" -o Dir::State::lists="$apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache"
    -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts="$apt/etc/sources.list.d" -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
  { apt-get "${options[@]}" update && apt-get "${options[@]}" install --no-install-recommends --download-only python3-moto python3-flask-cors; } >"$dir/apt.log" 2>&1 ||
    { tail -n 20 "$dir/apt.log" >&2; exit 1; }
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  for deb in "$apt"/cache/archives/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink -f -; done
  cp /etc/hosts "$root/etc/hosts"
  # Made by a maintainer script, and those do not run here.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
  rm -rf "$apt"
  touch "$root/.complete"
}

pid_of() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) && grep -qsaF moto_server "/proc/$pid/cmdline" && echo "$pid"
}

start() {
  mkdir -p "$dir"
  ! pid_of >/dev/null || return 0
  unpack
  nohup unshare --mount --propagation private sh -c '
    mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" &&
    exec env HOME=/tmp LC_ALL=C PATH=/usr/sbin:/usr/bin chroot "$1" python3 /usr/bin/moto_server -H 127.0.0.1 -p "$2"' sh "$root" "$port" </dev/null >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  disown
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
    sleep 0.1
  done
  tail -n 20 "$dir/log" >&2
  exit 1
}

stop() {
  local pid
  if pid=$(pid_of); then kill "$pid"; fi
  rm -f "$dir/pid"
}

print_env() {
  printf '%s\n' "S3_ENDPOINT=http://127.0.0.1:$port" S3_REGION=us-east-1 S3_SERVER=moto AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start) start ;;
  stop) stop ;;
  env) print_env ;;
  run)
    start
    trap stop EXIT
    set -a
    eval "$(print_env)"
    set +a
    "$@"
    ;;
  *)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
