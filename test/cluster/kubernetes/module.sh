#!/usr/bin/env bash
# Makes a newer Kubernetes, and the etcd that it wants, from their public Go modules. usage: module.sh VERSION FOLDER; puts etcd,
# kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and pause there. Needs a Go as new as that version asks for, about
# ten minutes of processor time, 2 GB of memory, 5 GB of disk while it works; nothing when the folder is complete.
set -euo pipefail
version=${1:?version, such as 1.35.4}
out=$(realpath -m "${2:?folder for the programs}")
[ -f "$out/complete" ] && exit 0
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$out" "$work/main"
unset GO111MODULE
export PATH=$PATH:/usr/local/go/bin HOME=$work GOPATH=$work/go GOCACHE=$work/cache CGO_ENABLED=0 GOGC=80
# Who has a cache of modules may name it.
export GOMODCACHE=${GOMODCACHE:-$work/go/pkg/mod}
export GOFLAGS='-mod=mod -trimpath -buildvcs=false'
cd "$work/main"
module=$(go mod download -json "k8s.io/kubernetes@v$version")
of_module() { echo "$module" | sed -n "s/^\t\"$1\": \"\(.*\)\",$/\1/p"; }
# A module that depends on it does not see that its parts lie in folders of it: each is published with the same version, as 0.x.y.
{
  echo 'module sluice.test/kubernetes'
  grep '^go ' "$(of_module GoMod)"
  echo "require k8s.io/kubernetes v$version"
  sed -nE "s|^\s*(k8s.io/[a-z-]+) => ./staging/.*|replace \1 => \1 v0.${version#1.}|p" "$(of_module GoMod)"
} >go.mod
minor=${version#1.}
flags="-s -w"
for place in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags="$flags -X $place.gitVersion=v$version -X $place.gitMajor=1 -X $place.gitMinor=${minor%%.*} -X $place.gitTreeState=archive"
done
commands=k8s.io/kubernetes/cmd
go build -p 2 -ldflags "$flags" -o "$out/" \
  $commands/kube-apiserver $commands/kube-controller-manager $commands/kube-scheduler $commands/kubelet
# Of the version that this Kubernetes is tested with.
go build -p 2 -ldflags '-s -w' -o "$out/etcd" go.etcd.io/etcd/server/v3
gcc -Os -static -DVERSION=local -o "$out/pause" "$(of_module Dir)/build/pause/linux/pause.c"
strip "$out/pause"
touch "$out/complete"
