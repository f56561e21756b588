#!/usr/bin/env bash
# Ends what up.sh started, and nothing else: by process number, by its socket, by its names. usage: down.sh STATE
set -u
state=$(realpath -m "${1:?folder of the state}")
[ -d "$state/run" ] || exit 0
cd "$state"
stop() { for name in "$@"; do [ -f "run/$name" ] && kill "$(cat "run/$name")" 2>/dev/null; done; }
gone() {
  for _ in $(seq 100); do
    kill -0 "$(cat "run/$1" 2>/dev/null)" 2>/dev/null || return 0
    sleep 0.05
  done
  kill -9 "$(cat "run/$1")" 2>/dev/null
}
stop kubelet controllers scheduler
gone kubelet
container() { ctr -a containerd.sock -n k8s.io "$@" 2>/dev/null; }
for task in $(container tasks ls -q); do container tasks kill -s 9 "$task" >/dev/null; done
for _ in $(seq 50); do
  container tasks ls | grep -q RUNNING || break
  sleep 0.1
done
for task in $(container tasks ls -q); do container tasks delete -f "$task" >/dev/null; done
for one in $(container containers ls -q); do container containers rm "$one" >/dev/null; done
for shim in $(pgrep -f "containerd-shim-runc-v2 .*-address $state/containerd.sock"); do kill "$shim" 2>/dev/null; done
stop apiserver containerd
gone apiserver
stop etcd
for name in containerd etcd controllers scheduler; do gone $name; done
# Only this cluster's network: its names are in the folder that its plug-in wrote.
grep -oE " $state/[^ ]+" /proc/mounts | sort -r | xargs -r -n1 umount -l 2>/dev/null
for name in $(ls /run/netns 2>/dev/null | grep '^cni-'); do ip netns delete "$name" 2>/dev/null; done
ip link delete sluicetest0 2>/dev/null
ip address delete 10.99.0.1/32 dev lo 2>/dev/null
if iptables-save 2>/dev/null | grep -qE 'name: \\?"sluice'; then
  iptables-save | grep -vE 'CNI-[0-9a-f]{24}|name: \\?"sluice\\?"' | iptables-restore
fi
[ -f sysctl.saved ] && sysctl -q -p sysctl.saved >/dev/null
for tree in /sys/fs/cgroup/*/kubepods /sys/fs/cgroup/kubepods; do
  [ -d "$tree" ] && find "$tree" -depth -type d -exec rmdir {} \; 2>/dev/null
done
cd /
rm -rf "$state"
exit 0
