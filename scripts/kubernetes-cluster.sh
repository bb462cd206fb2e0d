# A Kubernetes cluster of one node on this machine, from the programs of scripts/kubernetes-build.sh: etcd, the control plane, kubelet with the
# Docker engine, kube-proxy, and dnsmasq in place of CoreDNS. Pods are on the engine's own bridge; network policies are accepted and not
# enforced. Sourced; expects KUBERNETES and an engine. Everything listens on loopback or on that bridge.

CLUSTER_PIDS=()

# start_part NAME COMMAND…: in the background, with its log in the cluster's folder.
start_part() {
  local name="$1"
  shift
  env -u AKKACHAT_TEST_RUN setsid setpriv --pdeathsig TERM "$@" >"$CLUSTER/$name.log" 2>&1 </dev/null &
  CLUSTER_PIDS+=("$!")
}

kube() { "$KUBERNETES/bin/kubectl" --kubeconfig "$CLUSTER/admin.conf" "$@"; }

# start_kubernetes FOLDER: sets CLUSTER.
start_kubernetes() {
  CLUSTER="$1"
  local bin="$KUBERNETES/bin" token etcd peer api bridge
  bridge="$(ip -4 -o addr show docker0 | sed -n 's/.* inet \([0-9.]*\).*/\1/p')"
  [[ -n "$bridge" ]] || { say "The Docker engine has no bridge docker0."; return 1; }
  mkdir -p "$CLUSTER"/{etcd,kubelet,storage/1,storage/2,certificates}
  token="$(head -c 24 /dev/urandom | base64 -w0 | tr '+/' 'ab')"
  etcd="$(free_port 23790)" peer="$(free_port 23900)" api="$(free_port 26443)"
  (umask 077; printf '%s,admin,admin,system:masters\n' "$token" >"$CLUSTER/tokens.csv"
   openssl genrsa -out "$CLUSTER/accounts.key" 2048 2>/dev/null
   cat >"$CLUSTER/admin.conf" <<END)
apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "https://127.0.0.1:$api", insecure-skip-tls-verify: true } }]
users: [{ name: admin, user: { token: "$token" } }]
contexts: [{ name: test, context: { cluster: test, user: admin } }]
current-context: test
END
  start_part etcd etcd --data-dir "$CLUSTER/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer"
  start_part apiserver "$bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd" --cert-dir="$CLUSTER/certificates" --bind-address=127.0.0.1 \
    --advertise-address="$bridge" --secure-port="$api" --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=RBAC --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$CLUSTER/accounts.key" \
    --service-account-key-file="$CLUSTER/accounts.key" --token-auth-file="$CLUSTER/tokens.csv" --kubelet-preferred-address-types=InternalIP
  eventually 90 "the API server is ready" kube get --raw /readyz || return 1
  start_part controllers "$bin/kube-controller-manager" --kubeconfig="$CLUSTER/admin.conf" --leader-elect=false --port=0 --secure-port=0 \
    --service-account-private-key-file="$CLUSTER/accounts.key" --use-service-account-credentials=false
  start_part scheduler "$bin/kube-scheduler" --kubeconfig="$CLUSTER/admin.conf" --leader-elect=false --port=0 --secure-port=0
  : >"$CLUSTER/resolv.conf"
  DOCKER_BUILDKIT=0 quietly docker build --tag akkachat/pause:test - <<'END' || return 1
FROM redis:7
ENTRYPOINT ["sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait"]
END
  start_part kubelet "$bin/kubelet" --kubeconfig="$CLUSTER/admin.conf" --root-dir="$CLUSTER/kubelet" --hostname-override=akkachat --node-ip="$bridge" \
    --address="$bridge" --docker-endpoint="$DOCKER_HOST" --pod-infra-container-image=akkachat/pause:test --cluster-dns="$bridge" \
    --cluster-domain=cluster.local --resolv-conf="$CLUSTER/resolv.conf" --cgroups-per-qos=false --enforce-node-allocatable= --fail-swap-on=false \
    --authorization-mode=AlwaysAllow --anonymous-auth=true --read-only-port=0 --healthz-port=0 --image-gc-high-threshold=100 \
    --cert-dir="$CLUSTER/certificates/kubelet"
  start_part proxy "$bin/kube-proxy" --kubeconfig="$CLUSTER/admin.conf" --hostname-override=akkachat --proxy-mode=iptables --cluster-cidr=172.16.0.0/12 \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s --healthz-bind-address= \
    --metrics-bind-address="127.0.0.1:$(free_port 20249)"
  start_names "$bridge"
  eventually 90 "the node is ready" kube wait --for=condition=Ready node/akkachat --timeout=1s
}

# The names of services and of the pods behind headless ones, as the cluster's DNS gives them; written anew at each change of the endpoints.
start_names() {
  : >"$CLUSTER/hosts"
  start_part dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --addn-hosts="$CLUSTER/hosts" --listen-address="$1" \
    --bind-interfaces --pid-file= --user=root --local=/cluster.local/ --log-facility=-
  local dns="${CLUSTER_PIDS[-1]}" watch
  (
    trap 'kill "$watch" 2>/dev/null; exit' TERM
    while :; do
      # The program itself, so that the trap ends it.
      "$KUBERNETES/bin/kubectl" --kubeconfig "$CLUSTER/admin.conf" get endpoints --all-namespaces --watch --no-headers > >(update_names "$dns") &
      watch=$!
      wait "$watch"
      sleep 0.5
    done
  ) </dev/null >/dev/null 2>&1 &
  CLUSTER_PIDS+=("$!")
}

# update_names DNS: each line of its input is a change; what comes at once is one.
update_names() {
  while read -r _; do
    while read -r -t 0.2 _; do :; done
    write_names >"$CLUSTER/hosts.new" && mv "$CLUSTER/hosts.new" "$CLUSTER/hosts" && kill -HUP "$1"
  done
}

write_names() {
  kube get services --all-namespaces -o go-template='{{range .items}}{{if ne .spec.clusterIP "None"}}{{.spec.clusterIP}} {{.metadata.name}}.{{.metadata.namespace}}.svc.cluster.local
{{end}}{{end}}' &&
    kube get endpoints --all-namespaces -o go-template='{{range .items}}{{$name := .metadata.name}}{{$namespace := .metadata.namespace}}{{range .subsets}}{{range .addresses}}{{if .hostname}}{{.ip}} {{.hostname}}.{{$name}}.{{$namespace}}.svc.cluster.local
{{end}}{{end}}{{end}}{{end}}'
}

stop_kubernetes() {
  [[ -n "${CLUSTER:-}" ]] || return 0
  local i mount
  # The newest first: the API server outlives those who use it. Then nobody is left who would start a container again.
  for ((i = ${#CLUSTER_PIDS[@]} - 1; i >= 0; i--)); do
    kill -TERM "${CLUSTER_PIDS[i]}" 2>/dev/null
    wait "${CLUSTER_PIDS[i]}" 2>/dev/null
  done
  docker ps --all --quiet --filter label=io.kubernetes.pod.namespace | xargs -r docker rm --force >/dev/null 2>&1
  "$KUBERNETES/bin/kube-proxy" --cleanup >/dev/null 2>&1
  while read -r mount; do umount "$mount" 2>/dev/null; done < <(awk -v folder="$CLUSTER/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r)
}
