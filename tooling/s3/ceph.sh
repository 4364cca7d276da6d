#!/usr/bin/env bash
# A throw-away Ceph with one S3 gateway on 127.0.0.1, for tests. Everything is in memory and lost after stop.
#
#   ceph.sh start         install what is missing (Debian's radosgw, ceph-mon, ceph-osd), start, wait until ready
#   ceph.sh env           the variables that the tests read, as NAME=value lines
#   ceph.sh stop          stop what start started
#   ceph.sh run CMD...    start, run CMD with the variables set, stop; exits with CMD's code
#
# CEPH_DIR (default /tmp/s3db-backup-ceph), CEPH_PORT (7480: the gateway's; the monitor takes the two after it).
set -euo pipefail

dir=${CEPH_DIR:-/tmp/s3db-backup-ceph}
port=${CEPH_PORT:-7480}
mon_port=$((port + 1))
conf=$dir/ceph.conf
fsid=5a3db000-0000-4000-8000-000000000001
key_id=TESTACCESSKEY0000001 secret=testsecretkey0000000000000000000000000001
other_id=TESTACCESSKEY0000002 other_secret=testsecretkey0000000000000000000000000002

fail() {
  echo "ceph.sh: $*" >&2
  exit 1
}

install() {
  local missing=() package
  for package in radosgw ceph-mon ceph-osd; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "ceph.sh: installing ${missing[*]}" >&2
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=600)
  [ "$(id -u)" = 0 ] || apt=(sudo "${apt[@]}")
  # A package list that is missing or old is the usual reason for a first failure.
  "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$dir/apt.log" 2>&1 ||
    { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >>"$dir/apt.log" 2>&1 ||
    { tail -n 20 "$dir/apt.log" >&2; fail 'apt-get could not install Ceph'; }
}

# No authentication between the daemons, one copy on one OSD in memory, every storage class name that S3 has.
configure() {
  mkdir -p "$dir"/{run,log,mon,osd,rgw}
  cat >"$conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$mon_port]
mon_initial_members = a
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
ms_bind_ipv6 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# Without authentication there are no session keys, so "secure" connections, radosgw's first choice, cannot be made.
ms_mon_client_mode = crc
ms_mon_service_mode = crc
ms_mon_cluster_mode = crc
run_dir = $dir/run
pid_file =
admin_socket =
crash_dir = $dir/log
log_file = $dir/log/\$name.log
log_to_stderr = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 4000
mon_data_avail_warn = 2
mon_data_avail_crit = 1
[mon]
mon_data = $dir/mon
mon_cluster_log_file = $dir/log/cluster.log
paxos_propose_interval = 0.05
[osd]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = $((6 * 1024 ** 3))
osd_class_load_list = *
osd_class_default_list = *
[client]
# Encryption over plain HTTP, with KMS keys that need no key server (base64 of 32 bytes).
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = test-key-1=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
[client.rgw.a]
rgw_data = $dir/rgw
# Without tcp_nodelay every small answer waits for 40 ms.
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_dynamic_resharding = false
# Deleted objects free their memory at once, not after hours.
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 5
CONF
}

admin() { radosgw-admin --conf "$conf" -n client.rgw.a --admin-socket= "$@"; }
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
osd_up() { timeout 60 ceph --conf "$conf" --connect-timeout 30 osd stat -f json | grep -q '"num_up_osds":1'; }
gateway_answers() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
    read -r -t 5 line <&3
    [[ $line == *' 200 '* ]]
  ) 2>/dev/null
}

# Another process may have the pid in the file by now: ours has our configuration on its command line.
pid_of() {
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) && grep -qsaF "$conf" "/proc/$pid/cmdline" && echo "$pid"
}

launch() { # name command...
  local name=$1
  shift
  nohup "$@" </dev/null >>"$dir/log/$name.out" 2>&1 &
  echo $! >"$dir/run/$name.pid"
  disown
}

wait_for() { # name test...
  local name=$1 tries
  shift
  for ((tries = 0; tries < 1200; tries++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    [ "$tries" -lt 20 ] || pid_of "$name" >/dev/null || break
    sleep 0.05
  done
  tail -n 20 "$dir/log/$name.out" >&2
  fail "$name did not come up; logs are in $dir/log"
}

storage_classes() {
  local class name
  for class in STANDARD_IA ONEZONE_IA REDUCED_REDUNDANCY GLACIER DEEP_ARCHIVE GLACIER_IR INTELLIGENT_TIERING; do
    echo "$class"
  done >"$dir/classes"
  admin zonegroup get >"$dir/zonegroup.json"
  admin zone get >"$dir/zone.json"
  python3 - "$dir" <<'PY'
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
classes = (folder / "classes").read_text().split()
group = json.loads((folder / "zonegroup.json").read_text())
zone = json.loads((folder / "zone.json").read_text())
group["placement_targets"][0]["storage_classes"] = ["STANDARD", *classes]
pools = zone["placement_pools"][0]["val"]["storage_classes"]
for name in classes:
    pools[name] = pools["STANDARD"]
(folder / "zonegroup.json").write_text(json.dumps(group))
(folder / "zone.json").write_text(json.dumps(zone))
PY
  admin zonegroup set --infile "$dir/zonegroup.json" >/dev/null
  admin zone set --infile "$dir/zone.json" >/dev/null
}

start() {
  mkdir -p "$dir"
  if pid_of rgw >/dev/null && gateway_answers; then
    echo "ceph.sh: already running on port $port" >&2
    return
  fi
  stop
  ! port_open "$port" && ! port_open "$mon_port" || fail "port $port or $mon_port is taken (set CEPH_PORT)"
  mkdir -p "$dir"
  install
  configure
  exec 4>"$dir/log/setup.log"
  monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$dir/monmap" >&4 2>&4
  ceph-mon --conf "$conf" -i a --mkfs --monmap "$dir/monmap" >&4 2>&4
  launch mon ceph-mon -f --conf "$conf" -i a
  wait_for mon port_open "$mon_port"
  local uuid
  uuid=$(cat /proc/sys/kernel/random/uuid)
  timeout 60 ceph --conf "$conf" osd new "$uuid" 0 >&4 2>&4
  ceph-osd --conf "$conf" -i 0 --mkfs --osd-uuid "$uuid" >&4 2>&4
  launch osd ceph-osd -f --conf "$conf" -i 0
  wait_for osd osd_up
  admin user create --uid=test --display-name=test --access-key="$key_id" --secret-key="$secret" >&4 2>&4
  admin user create --uid=other --display-name=other --access-key="$other_id" --secret-key="$other_secret" >&4 2>&4
  storage_classes 2>&4
  exec 4>&-
  launch rgw radosgw -f --conf "$conf" -n client.rgw.a
  wait_for rgw gateway_answers
  echo "ceph.sh: $(radosgw --version | cut -d' ' -f1-3) at http://127.0.0.1:$port" >&2
}

stop() {
  local name pid tries
  for name in rgw osd mon; do
    pid=$(pid_of "$name") || continue
    kill "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 200; tries++)); do
      pid_of "$name" >/dev/null || break
      # In memory there is nothing to lose.
      [ "$tries" -ne 50 ] || kill -9 "$pid" 2>/dev/null || true
      sleep 0.1
    done
    ! pid_of "$name" >/dev/null || fail "$name (pid $pid) does not end"
  done
  rm -rf "$dir"
}

print_env() {
  cat <<ENV
S3_ENDPOINT=http://127.0.0.1:$port
S3_REGION=us-east-1
S3_SERVER=ceph
S3_KMS_KEY_ID=test-key-1
AWS_ACCESS_KEY_ID=$key_id
AWS_SECRET_ACCESS_KEY=$secret
S3_ALT_ACCESS_KEY_ID=$other_id
S3_ALT_SECRET_ACCESS_KEY=$other_secret
ENV
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start) start ;;
  stop) stop ;;
  env) print_env ;;
  run)
    [ $# -gt 0 ] || fail 'run: which command?'
    start
    trap stop EXIT
    set -a
    eval "$(print_env)"
    set +a
    "$@"
    ;;
  *)
    sed -n '2,10p' "$0" >&2
    exit 2
    ;;
esac
