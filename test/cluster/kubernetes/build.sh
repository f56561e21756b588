#!/usr/bin/env bash
# Makes a real Kubernetes 1.20.2 from Debian 12's own source package with Debian's Go, because no registry of programs that tests may
# use has one ready. usage: build.sh FOLDER; puts kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and pause there.
# About 330 seconds of processor time, 750 MB of memory, 3 GB of disk while it works; nothing when the folder is complete.
set -euo pipefail
out=$(realpath -m "${1:?folder for the programs}")
[ -f "$out/complete" ] && exit 0
version=1.20.2
package='kubernetes=1.20.5+really1.20.2-1.1+deb12u1'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/go/src/k8s.io"

# The sources of the machine's apt stay as they are; the archive is the one that it uses for this release.
archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
[ -n "$archive" ] || { echo "apt knows no archive of Debian 12 (bookworm)" >&2; exit 1; }
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive bookworm main" >"$work/apt/sources.list"
cat >"$work/apt/apt.conf" <<CONF
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Sandbox::User "root";
CONF
cd "$work"
APT_CONFIG="$work/apt/apt.conf" apt-get update -qq
APT_CONFIG="$work/apt/apt.conf" apt-get source -qq --download-only "$package"
tar xzf kubernetes_*.orig.tar.gz -C go/src/k8s.io
mv go/src/k8s.io/kubernetes-* go/src/k8s.io/kubernetes

unset GO111MODULE GOFLAGS
export PATH=/usr/lib/go-1.19/bin:$PATH HOME=$work GOPATH=$work/go GOCACHE=$work/cache CGO_ENABLED=0
cd go/src/k8s.io/kubernetes
cat >"$work/version" <<VERSION
KUBE_GIT_COMMIT='faecb196815e248d3ecfb03c680a4507229c2a56'
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='v$version'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
VERSION
# One generated file is not in the archive.
KUBE_GIT_VERSION_FILE="$work/version" make generated_files >"$work/generate.log" 2>&1 || { tail -20 "$work/generate.log"; exit 1; }
flags="-s -w"
for place in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  for vendored in "" k8s.io/kubernetes/vendor/; do
    flags="$flags -X $vendored$place.gitVersion=v$version -X $vendored$place.gitMajor=1 -X $vendored$place.gitMinor=20"
  done
done
# Without the cloud providers it is half as large, and the kubelet asks no cloud for credentials at its start.
GO111MODULE=off GOGC=80 go build -p 2 -trimpath -tags providerless -ldflags "$flags" -o "$out/" \
  ./cmd/kube-apiserver ./cmd/kube-controller-manager ./cmd/kube-scheduler ./cmd/kubelet
gcc -Os -static -DVERSION=local -o "$out/pause" build/pause/linux/pause.c
strip "$out/pause"
touch "$out/complete"
