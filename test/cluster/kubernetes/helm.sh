#!/usr/bin/env bash
# Makes Helm with Debian's Go from its public module. usage: helm.sh FOLDER; puts helm there. About 150 seconds of processor time;
# nothing when it is there.
set -euo pipefail
out=$(realpath -m "${1:?folder for the program}")
[ -x "$out/helm" ] && exit 0
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$out" "$work/bin"
unset GO111MODULE
export PATH=/usr/lib/go-1.19/bin:$PATH HOME=$work GOPATH=$work/go GOCACHE=$work/cache GOBIN=$work/bin GOFLAGS=-mod=mod CGO_ENABLED=0
# The newest that this Go builds.
go install -trimpath -ldflags "-s -w" helm.sh/helm/v3/cmd/helm@v3.11.3 >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; exit 1; }
mv "$work/bin/helm" "$out/helm"
