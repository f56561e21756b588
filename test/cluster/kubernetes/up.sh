#!/usr/bin/env bash
# Starts a Kubernetes of one node from programs that build.sh or module.sh made: etcd, API server, controllers, scheduler, containerd, kubelet,
# all as plain processes on one private address of the loopback device. usage: up.sh PROGRAMS STATE PAUSE_IMAGE
# Afterwards STATE/admin.conf is a kubeconfig and STATE/containerd.sock takes images. down.sh ends it.
set -euo pipefail
programs=$(realpath "${1:?folder of the programs}")
state=$(realpath -m "${2:?folder for the state}")
pause=$(realpath "${3:?image of the pause container}")
address=10.99.0.1
api=https://$address:16443
etcd=http://$address:12379
mkdir -p "$state"/{pki,cni,run,log}
cd "$state"
started=$(date +%s%N)
lap() { echo "kubernetes: $1 after $((($(date +%s%N) - started) / 1000000)) ms"; }
ip address add $address/32 dev lo 2>/dev/null || true
# A session of its own: Ctrl-C ends the tests, which end it.
background() {
  local name=$1
  shift
  setsid "$@" >"log/$name" 2>&1 </dev/null &
  echo $! >"run/$name"
}
until_ok() {
  local what=$1 tries=$2
  shift 2
  for _ in $(seq "$tries"); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "kubernetes: $what did not come up; see $state/log" >&2
  tail -n 5 log/* >&2
  return 1
}

minor=$("$programs/kubelet" --version | sed 's/.* v1\.\([0-9]*\).*/\1/')
from() { [ "$minor" -ge "$1" ]; }
# What only one of the two knows.
older_port= kubelet_only= kubelet_settings=
from 24 || older_port=--port=0
if from 27; then
  kubelet_settings="containerRuntimeEndpoint: unix://$state/containerd.sock"
else
  kubelet_only="--container-runtime=remote --container-runtime-endpoint=unix://$state/containerd.sock"
fi
# The control groups of Debian 12 on many machines; from 1.35 on the kubelet wants to be told that it shall take them.
if from 31; then kubelet_settings="$kubelet_settings"$'\n'"failCgroupV1: false"; fi
# One image lies there under two names. Pulled with credentials under one, it would be refused under the other, which has none.
if from 35; then kubelet_settings="$kubelet_settings"$'\n'"imagePullCredentialsVerificationPolicy: NeverVerify"; fi

# The kubelet rewrites these for the whole machine; down.sh puts them back.
sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops net.ipv4.ip_forward >sysctl.saved
# A cluster of tests need not survive a power cut.
store=etcd
[ -x "$programs/etcd" ] && store=$programs/etcd
background etcd "$store" --data-dir "$state/etcd" --listen-client-urls $etcd --advertise-client-urls $etcd \
  --listen-peer-urls http://$address:12380 --initial-advertise-peer-urls http://$address:12380 \
  --initial-cluster default=http://$address:12380

cat >containerd.toml <<TOML
version = 2
root = "$state/containerd"
state = "$state/containerd-run"
oom_score = 0
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  # Root of a machine that lacks CAP_SYS_RESOURCE cannot lower the score.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
  [plugins."io.containerd.grpc.v1.cri".registry.mirrors."$address:15000"]
    endpoint = ["http://$address:15000"]
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/opt"
TOML
cat >cni/10-bridge.conflist <<CNI
{"cniVersion":"0.4.0","name":"sluice","plugins":[{"type":"bridge","bridge":"sluicetest0","isGateway":true,"ipMasq":true,"hairpinMode":true,
"ipam":{"type":"host-local","dataDir":"$state/ipam","ranges":[[{"subnet":"10.244.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}}]}
CNI
background containerd containerd -c containerd.toml

(
  cd pki
  curve="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
  openssl ecparam -name prime256v1 -genkey -noout -out accounts.key
  openssl ec -in accounts.key -pubout -out accounts.pub 2>/dev/null
  openssl req -x509 $curve -keyout ca.key -out ca.crt -days 30 -subj /CN=sluice-test-ca 2>/dev/null
  certify() {
    openssl req $curve -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
    printf 'extendedKeyUsage=serverAuth,clientAuth\n%s\n' "${3:+subjectAltName=$3}" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  }
  certify apiserver /CN=kube-apiserver "IP:$address,IP:10.96.0.1,DNS:kubernetes.default.svc"
  certify apiserver-kubelet /O=system:masters/CN=apiserver-kubelet
  certify kubelet /O=system:nodes/CN=system:node:node1 "IP:$address"
  : >tokens.csv && chmod 600 tokens.csv
  # A kubeconfig for each program; the token is what tells them apart.
  person() {
    local token
    token=$(openssl rand -hex 16)
    echo "$token,$2,$1,$3" >>tokens.csv
    cat >"../$1.conf" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$api", certificate-authority: $state/pki/ca.crt}}]
users: [{name: $1, user: {token: $token}}]
contexts: [{name: test, context: {cluster: test, user: $1}}]
current-context: test
YAML
  }
  person admin admin system:masters
  person controllers system:kube-controller-manager ''
  person scheduler system:kube-scheduler ''
  person kubelet system:node:node1 system:nodes
)

cat >kubelet.yaml <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: AlwaysAllow}
tlsCertFile: $state/pki/kubelet.crt
tlsPrivateKeyFile: $state/pki/kubelet.key
cgroupDriver: cgroupfs
failSwapOn: false
evictionHard: {memory.available: "100Mi", nodefs.available: "1%", imagefs.available: "1%"}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
makeIPTablesUtilChains: false
nodeStatusUpdateFrequency: 4s
oomScoreAdj: 0
serializeImagePulls: false
registryPullQPS: 0
eventRecordQPS: 0
containerLogMaxSize: 16Ki
containerLogMaxFiles: 2
volumeStatsAggPeriod: 5s
kubeAPIQPS: 100
kubeAPIBurst: 200
$kubelet_settings
YAML
until_ok etcd 300 curl -sf $etcd/health
background apiserver "$programs/kube-apiserver" --etcd-servers=$etcd --bind-address=$address --advertise-address=$address \
  --secure-port=16443 --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key --client-ca-file=pki/ca.crt \
  --kubelet-client-certificate=pki/apiserver-kubelet.crt --kubelet-client-key=pki/apiserver-kubelet.key \
  --kubelet-certificate-authority=pki/ca.crt --kubelet-preferred-address-types=InternalIP --service-cluster-ip-range=10.96.0.0/16 \
  --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file=pki/accounts.key \
  --service-account-key-file=pki/accounts.pub --token-auth-file=pki/tokens.csv --authorization-mode=Node,RBAC \
  --enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement --profiling=false -v=1
until_ok containerd 300 ctr -a containerd.sock version
ctr -a containerd.sock -n k8s.io images import "$pause" >/dev/null
until_ok "the API server" 900 curl -sf -A test --cacert pki/ca.crt $api/readyz
lap "the API server answers"
background controllers "$programs/kube-controller-manager" --kubeconfig=controllers.conf --authentication-kubeconfig=controllers.conf \
  --authorization-kubeconfig=controllers.conf --bind-address=127.0.0.1 --secure-port=11257 $older_port --cert-dir=pki/controllers \
  --service-account-private-key-file=pki/accounts.key --root-ca-file=pki/ca.crt --leader-elect=false \
  --use-service-account-credentials=true --node-monitor-grace-period=16s
background scheduler "$programs/kube-scheduler" --kubeconfig=scheduler.conf --authentication-kubeconfig=scheduler.conf \
  --authorization-kubeconfig=scheduler.conf --bind-address=127.0.0.1 --secure-port=11259 $older_port --cert-dir=pki/scheduler --leader-elect=false
cat >kubelet.sh <<SH
#!/bin/sh
# Also how a test starts the kubelet again after it killed it.
exec "$programs/kubelet" --config=$state/kubelet.yaml --kubeconfig=$state/kubelet.conf $kubelet_only --node-ip=$address --hostname-override=node1 \
  --root-dir=$state/kubelet --cert-dir=$state/kubelet-pki -v=1
SH
chmod +x kubelet.sh
background kubelet ./kubelet.sh
token=$(awk '/token:/ { gsub(/[}\]]/, "", $0); print $NF }' admin.conf)
# Not as curl: for curl the API server indents its answers, and the JSON library of that code (reflect2 1.0.1) breaks memory when it
# is built with Go 1.18 or newer.
ask() { curl -sf -A test --cacert pki/ca.crt -H "Authorization: Bearer $token" "$api$1"; }
# No `grep -q`: with pipefail, a writer that is cut off counts as failed.
node_ready() { ask /api/v1/nodes/node1 | tr -d ' \n' | grep '"type":"Ready","status":"True"'; }
until_ok "the node" 900 node_ready
until_ok "the service account" 300 ask /api/v1/namespaces/default/serviceaccounts/default
lap "the node is ready"
# A program that does not know an option of its command line ends at once, and nothing else tells.
for name in etcd apiserver controllers scheduler containerd kubelet; do
  kill -0 "$(cat "run/$name")" 2>/dev/null || { echo "kubernetes: $name has ended:" >&2 && tail -n 5 "log/$name" >&2 && exit 1; }
done
