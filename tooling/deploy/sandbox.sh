#!/usr/bin/env bash
# Runs a command like a container, without a container engine: in its own read-only root, on its own network, as a
# non-root user without capabilities. Needs root, unshare, setpriv and ip.
# sandbox.sh <uid> <repository> <folder> <command...>
#   <folder>/app     the installed command, at /app    <folder>/config  at /config and /etc, read-only
#   <folder>/data    at /data, writable                <folder>/env     the environment, NAME=value a line
# /tmp is writable unless TMP_IS_READ_ONLY=yes.
set -euo pipefail
if [ "${IN_SANDBOX:-}" != yes ]; then
  IN_SANDBOX=yes exec unshare --mount --net --pid --fork --propagation private "$0" "$@"
fi
uid=$1 repository=$2 folder=$3
shift 3
ip link set lo up
chown -R "$uid:$uid" "$folder/data"
root=$(mktemp -d)
trap 'umount -R "$root" && rmdir "$root"' EXIT
mount -t tmpfs -o mode=755 tmpfs "$root"
bind() { # bind <from> <to> [ro]
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  [ "${3:-}" != ro ] || mount -o remount,bind,ro "$root$2"
}
# Before the rest, because the repository may be below /tmp.
mkdir "$root/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
for system in usr bin lib lib64 sbin; do [ ! -e "/$system" ] || bind "/$system" "/$system" ro; done
bind "$repository" "$repository" ro
bind "$folder/app" /app ro
bind "$folder/config" /config ro
bind "$folder/data" /data
mkdir -p "$root"/{etc,proc,dev}
cp "$folder"/config/* "$root/etc/"
echo "app:x:$uid:$uid::/tmp:/bin/sh" >"$root/etc/passwd"
mount -t proc proc "$root/proc"
for device in null zero random urandom; do touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"; done
mount -o remount,ro "$root"
[ "${TMP_IS_READ_ONLY:-}" != yes ] || mount -o remount,ro "$root/tmp"
mapfile -t environment <"$folder/env"
chroot "$root" /usr/bin/env -i "${environment[@]}" \
  setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
  bash -euo pipefail -c 'cd /tmp; "$@"' sandbox "$@"
