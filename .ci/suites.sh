# For .ci/run and .ci/long: runs suites one after the other, prints how long each took, and counts all their tests.
# Stops whatever was started at the end. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CI=true
exec </dev/null

pnpm() { npx -y pnpm@10.34.9 "$@"; }
export -f pnpm # for scripts that run a command of theirs

# Temporary files lie in memory if there is much of it. Tests make and remove hundreds of thousands of small files, and
# ext4 passes over every inode that was removed in the last minutes: 40 µs a file become 900.
# (Ceph keeps its own folder: it opens files without the cache of the system.)
in_memory=
use_memory() {
  local free limit
  free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null || true)
  [ -z "${TMPDIR:-}" ] && [ "${free:-0}" -ge 16 ] || return 0
  [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] || return 0
  [ "$(df --output=avail -BG /dev/shm | tail -n 1 | tr -dc 0-9)" -ge 8 ] || return 0
  # What a container may use can be less than the machine has.
  limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1 || true)
  if [[ $limit =~ ^[0-9]+$ ]] && [ "$limit" -lt $((16 * 1024 ** 3)) ]; then return 0; fi
  in_memory=$(mktemp -d /dev/shm/s3db-backup.XXXXXX)
  chmod 1777 "$in_memory"
  export TMPDIR=$in_memory
}

output=$(mktemp)
failed=()
failed_tests=()
summary=()
passed_in_all=0 failed_in_all=0 skipped_in_all=0

# S3 servers for the tests: start them and export S3_ENDPOINT here; stop_servers stops whatever was started and may be
# called twice.
start_servers() {
  tooling/s3/ceph.sh start || return
  set -a
  eval "$(tooling/s3/ceph.sh env)"
  set +a
}
# The page is tested in Debian's Chromium. If it cannot be installed, those tests are skipped by name.
install_chromium() {
  command -v chromium >/dev/null && return
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
}
# The tools that check the files of deploy/. If they cannot be installed, those tests are skipped by name.
install_deploy_tools() {
  command -v systemd-analyze >/dev/null || apt-get install -y -qq --no-install-recommends systemd >/dev/null
  command -v promtool >/dev/null || unpack prometheus # the package itself would start a server
}
install_restic() { command -v restic >/dev/null || unpack restic; }
# Puts the programs of a Debian package on the PATH, without installing it.
unpack() {
  local folder
  folder="${TMPDIR:-/tmp}/s3db-backup-debian/$1"
  if [ ! -d "$folder/usr" ]; then
    mkdir -p "$folder"
    (cd "$folder" && { apt-get download -qq "$1" || { apt-get update -qq && apt-get download -qq "$1"; }; }) || return
    dpkg-deb -x "$folder"/*.deb "$folder" || return
  fi
  export PATH="$folder/usr/bin:$PATH"
}
stop_servers() { tooling/s3/ceph.sh stop; }

clean_up() {
  local status=$?
  stop_servers >&2 || status=1
  rm -f "$output"
  if [ -n "$in_memory" ]; then rm -rf "$in_memory"; fi
  exit "$status"
}
trap clean_up EXIT
use_memory

# Prints the time of a command: elapsed minutes, and minutes of processor time.
measured() {
  local name=$1 status=0 TIMEFORMAT='%R %U %S'
  shift
  echo "--- $name"
  { time "$@" 2>&4; } 4>&2 2>"$output.time" || status=$?
  took=$(awk '{ printf "%.1f min, %.1f min of processor time", $1 / 60, ($2 + $3) / 60 }' "$output.time")
  rm -f "$output.time"
  return "$status"
}

# A command that must succeed: step NAME COMMAND...
step() {
  local name=$1 result=done
  measured "$@" || { result=failed; failed+=("$name"); }
  summary+=("$name: $result ($took)")
}

# The same for tests, whose last line is their count. A suite that ran no test has failed.
suite() {
  local name=$1 line counts
  shift
  measured "$name" counted "$@" || failed+=("$name")
  mapfile -t -O "${#failed_tests[@]}" failed_tests < <(uncoloured | grep '^failed test: ')
  line=$(uncoloured | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' | tail -n 1 || true)
  if [ -z "$line" ]; then
    failed+=("$name did not run to its end")
    line='0 passed, 1 failed, 0 skipped'
  fi
  read -ra counts <<<"$line"
  [ "${counts[0]}" -gt 0 ] || failed+=("$name: no test passed")
  passed_in_all=$((passed_in_all + counts[0]))
  failed_in_all=$((failed_in_all + counts[2]))
  skipped_in_all=$((skipped_in_all + counts[4]))
  summary+=("$name: $line ($took)")
}
counted() { "$@" 2>&1 | tee "$output"; }
uncoloured() { sed $'s/\e\\[[0-9;]*m//g' "$output"; }

# Call this last. The last line is the count of all tests: N passed, N failed, N skipped.
finish() {
  stop_servers || failed+=('stopping the servers')
  printf '%s\n' '---' "${summary[@]}"
  if [ ${#failed_tests[@]} -gt 0 ]; then printf '%s\n' "${failed_tests[@]}"; fi
  if [ ${#failed[@]} -gt 0 ]; then printf 'failed: %s\n' "${failed[@]}"; fi
  echo "$passed_in_all passed, $failed_in_all failed, $skipped_in_all skipped"
  [ ${#failed[@]} -eq 0 ] && [ "$failed_in_all" -eq 0 ]
}
