#!/usr/bin/env bash
# Debian's Redis for the tests of the queue: start, restart, stop, env. An installed Redis is used; otherwise it is fetched
# from Debian and unpacked into a folder, without installing it. With REDIS_URL set, that server is used and not stopped.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dir="${REDIS_DIR:-${TMPDIR:-/tmp}/s3db-backup-redis}"
port="${REDIS_PORT:-6397}"
url="redis://127.0.0.1:$port"

fail() { echo "$*" >&2; exit 1; }

# Prints the path of redis-server.
server() {
  if command -v redis-server; then return; fi
  local unpacked="$dir/unpacked"
  if [ ! -x "$unpacked/usr/bin/redis-check-rdb" ]; then
    command -v apt-get >/dev/null || fail 'There is no redis-server, and no apt-get to fetch one. Set REDIS_URL.'
    mkdir -p "$dir/packages" "$unpacked"
    (
      cd "$dir/packages"
      local packages=(redis-tools redis-server)
      # What it is linked with and this machine may lack.
      for library in liblua5.1-0 lua-bitop lua-cjson libjemalloc2 liblzf1 libatomic1; do packages+=("$library"); done
      apt-get download -q "${packages[@]}" >&2 ||
        { apt-get update -q >&2 && apt-get download -q "${packages[@]}" >&2; }
      for package in ./*.deb; do dpkg-deb -x "$package" "$unpacked"; done
    ) || fail 'Redis could not be fetched from Debian.'
  fi
  echo "$unpacked/usr/bin/redis-check-rdb"
}

ping() { (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'PING\r\n' >&3 && read -r -t 2 answer <&3 && [[ $answer == +PONG* ]]) 2>/dev/null; }

start() {
  mkdir -p "$dir/data"
  local binary libraries
  binary=$(server | tail -n 1)
  libraries=$(find "$dir/unpacked/usr/lib" -maxdepth 1 -type d 2>/dev/null | paste -sd: || true)
  # redis-server is the same program as redis-check-rdb; its name decides what it does.
  (
    export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    exec -a redis-server "$binary" --port "$port" --bind 127.0.0.1 --dir "$dir/data" --appendonly yes \
      --appendfsync always --save '' --maxmemory-policy noeviction --daemonize no
  ) >"$dir/redis.log" 2>&1 &
  echo $! >"$dir/pid"
  for _ in $(seq 100); do ping && return; sleep 0.1; done
  tail -n 20 "$dir/redis.log" >&2
  fail 'Redis did not start.'
}

stop() {
  [ -f "$dir/pid" ] || return 0
  local pid
  pid=$(cat "$dir/pid")
  kill "${1:--TERM}" "$pid" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  rm -f "$dir/pid"
}

case "${1:-}" in
  start) if [ -z "${REDIS_URL:-}" ]; then start; fi ;;
  # Like a power failure: everything acknowledged is in the file.
  restart) stop -KILL; start ;;
  stop) stop; rm -rf "$dir/data" ;;
  env) echo "REDIS_URL=${REDIS_URL:-$url}" ;;
  *) fail "usage: ${here}/redis.sh start|restart|stop|env" ;;
esac
