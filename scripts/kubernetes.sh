# `./test kubernetes`, sourced by ./test: the dev overlay on a Kubernetes cluster of one node, under the load test: installed with the previous
# release, upgraded, scaled, drained, pods killed. docs/kubernetes.md has the results of a run.

NAMESPACE=akkachat-dev

test_kubernetes() {
  source scripts/debian.sh
  source scripts/compose.sh
  source scripts/engine.sh
  source scripts/kubernetes-build.sh
  source scripts/kubernetes-cluster.sh
  source scripts/load.sh
  source scripts/upgrade.sh
  source scripts/steps.sh
  is_debian_root || cannot "Kubernetes is built from Debian's source package, and its kubelet needs root."
  AT_END=end_kubernetes
  need_debian_packages etcd-server dnsmasq-base conntrack iptables openssl || cannot "packages are missing."
  build_kubernetes || cannot "Kubernetes could not be built from Debian's source package."
  need_compose || cannot "Compose 2 is missing."
  need_engine || cannot "there is no Docker engine."
  (build_load_test) && (need_node) || { failed "a tool is missing"; exit 1; }
  STATE="$(mktemp -d)"
  need_images || { failed "the images"; exit 1; }

  step "a cluster of one node" start_kubernetes "$STATE/kubernetes"
  follow_nodes
  step "the previous release is installed" install previous
  URL="http://$(kube -n $NAMESPACE get service akkachat -o jsonpath='{.spec.clusterIP}')"
  step "every pod takes part" members 5
  step "a file is kept" eventually_kept put
  step "the upgrade under load, and no send fails" under_load kubernetes-upgrade "$URL" 0 upgrade
  step "scaling up and down under load, and no send fails" under_load kubernetes-scale "$URL" 0 scale
  step "pods are killed under load" under_load kubernetes-kill "$URL" 1 kill_pods
  step "the node is drained as far as the budgets allow, and no send fails" under_load kubernetes-drain "$URL" 0 drain
  step "all pods are deleted at once and form a cluster again" cold_start
  step "the file is still there" eventually_kept get
}

# The nodes' images of this tree (tag local) and of the previous release (tag previous), and those of PostgreSQL and Redis.
need_images() {
  compose_secrets "$STATE"
  public_images "$CACHE/offline" || return 1
  AKKACHAT_VERSION=local build_images room1 edge1 || return 1
  previous_source "$STATE/previous" || return 1
  # By its own files.
  COMPOSE=("${COMPOSE[@]//"$ROOT/"/"$STATE/previous/"}")
  say "The previous release:"
  AKKACHAT_VERSION=previous build_images room1 edge1
}

# manifests TAG: what is applied, of the release with that tag.
manifests() {
  local folder="$ROOT"
  if [[ "$1" != local ]]; then
    folder="$STATE/$1"
    mkdir -p "$folder/tests/Kubernetes"
    cp tests/Kubernetes/*.yaml "$folder/tests/Kubernetes/"
  fi
  kubectl kustomize "$folder/tests/Kubernetes" | sed -e "s#STORAGE#$CLUSTER/storage#" -e "s#\(image: akkachat/[a-z]*\):local#\1:$1#"
}

install() {
  local password redis
  password="$(head -c 18 /dev/urandom | base64 -w0 | tr '+/' 'ab')" redis="$(head -c 18 /dev/urandom | base64 -w0 | tr '+/' 'ab')"
  # As docs/kubernetes.md says.
  kube create namespace $NAMESPACE &&
    kube -n $NAMESPACE create secret generic akkachat \
      --from-literal=database="Host=postgres;Database=akkachat;Username=akkachat;Password=$password" \
      --from-literal=database-migration="Host=postgres;Database=akkachat;Username=akkachat;Password=$password" \
      --from-literal=redis="redis:6379,password=$redis,abortConnect=false" \
      --from-literal=signing-key="$(head -c 32 /dev/urandom | base64 -w0)" --from-literal=management-token="$(head -c 32 /dev/urandom | base64 -w0)" \
      --from-literal=postgres-password="$password" --from-literal=redis-password="$redis" >/dev/null &&
    manifests "$1" | kube apply -f - && rolled_out
}

# Keeps the log of every container of a node, since a pod takes its log along: what stop_times reads.
follow_nodes() {
  NODE_LOGS="$RESULTS/kubernetes/nodes"
  rm -rf "$NODE_LOGS" && mkdir -p "$NODE_LOGS"
  (
    while sleep 1; do
      docker ps --filter "label=io.kubernetes.pod.namespace=$NAMESPACE" --format '{{.ID}} {{.Label "io.kubernetes.pod.name"}} {{.Label "io.kubernetes.container.name"}}' |
        grep -E ' (room|edge)$' | while read -r id pod _; do
          [[ -e "$NODE_LOGS/$pod.$id.log" ]] || docker logs --follow --timestamps "$id" >"$NODE_LOGS/$pod.$id.log" 2>&1 </dev/null &
        done
    done
  ) </dev/null >/dev/null 2>&1 &
  FOLLOWER=$!
}

# stop_times: how long each node took from its signal to its last line, the slowest first.
stop_times() {
  local log from to
  for log in "$NODE_LOGS"/*.log; do
    from="$(grep -m1 'Application is shutting down' "$log" | cut -d' ' -f1)" || continue
    to="$(tail -n 1 "$log" | cut -d' ' -f1)"
    awk -v from="$(date -d "$from" +%s.%N)" -v to="$(date -d "$to" +%s.%N)" -v name="$(basename "$log" .log)" 'BEGIN { printf "%5.1f s  %s\n", to - from, name }'
  done | sort -rn
}

rolled_out() {
  kube -n $NAMESPACE rollout status statefulset/postgres --timeout=180s &&
    kube -n $NAMESPACE wait --for=condition=complete job/akkachat-migrate --timeout=180s &&
    kube -n $NAMESPACE rollout status statefulset/akkachat-room --timeout=600s &&
    kube -n $NAMESPACE rollout status deployment/akkachat-edge --timeout=600s
}

# members N: so many nodes are up, as a node itself sees it.
members() { eventually 60 "$1 nodes are up" has_members "$1"; }
has_members() { kube -n $NAMESPACE exec akkachat-room-0 -- dotnet pbm/AkkaChat.Cmd.dll cluster show | grep -q "^Count: $1 nodes"; }

eventually_kept() { node tests/Node/kept-file.mjs "$1" "$URL" "$STATE/kept.json"; }

upgrade() {
  kube -n $NAMESPACE delete job akkachat-migrate --ignore-not-found && manifests local | kube apply -f - >/dev/null && rolled_out || return 1
  local images
  images="$(kube -n $NAMESPACE get pods -l app.kubernetes.io/name=akkachat --field-selector=status.phase=Running -o jsonpath='{.items[*].spec.containers[*].image}')"
  say "$images"
  ! grep -q previous <<<"$images"
}

scale() {
  kube -n $NAMESPACE scale deployment/akkachat-edge --replicas=4 && kube -n $NAMESPACE scale statefulset/akkachat-room --replicas=5 && rolled_out &&
    members 9 && loaded 10 || return 1
  kube -n $NAMESPACE scale deployment/akkachat-edge --replicas=2 && kube -n $NAMESPACE scale statefulset/akkachat-room --replicas=3 && rolled_out && members 5
}

# kill -9 of the processes: what the kernel does to one that uses too much memory.
kill_pods() {
  local selector pod id
  for selector in edge room; do
    pod="$(kube -n $NAMESPACE get pods -l "app.kubernetes.io/component=$selector" -o jsonpath='{.items[0].metadata.name}')"
    id="$(kube -n $NAMESPACE get pod "$pod" -o jsonpath='{.status.containerStatuses[0].containerID}')"
    say "Killing the process of $pod ..."
    kill -9 "$(docker inspect --format '{{.State.Pid}}' "${id#docker://}")" && eventually 60 "$pod is started again" restarted "$pod" && loaded 20 || return 1
  done
  say "Deleting a pod of each kind without grace ..."
  kube -n $NAMESPACE delete pod akkachat-room-1 --grace-period=0 --force
  kube -n $NAMESPACE delete "$(kube -n $NAMESPACE get pods -l app.kubernetes.io/component=edge -o name | head -1)" --grace-period=0 --force
  loaded 20 && rolled_out && members 5
}

restarted() { [[ "$(kube -n $NAMESPACE get pod "$1" -o jsonpath='{.status.containerStatuses[0].restartCount}')" -ge 1 ]]; }

# With one node the evicted pods have nowhere to go: one of each kind leaves, and then the budgets keep the others.
drain() {
  local left
  if kube drain akkachat --delete-emptydir-data --ignore-daemonsets --pod-selector=app.kubernetes.io/name=akkachat --timeout=90s; then
    say "The budgets let every pod go."
    return 1
  fi
  left="$(kube -n $NAMESPACE get pods -l 'app.kubernetes.io/component in (edge,room)' --field-selector=status.phase=Running --no-headers | wc -l)"
  say "$left pods are left"
  kube uncordon akkachat && [[ "$left" -eq 3 ]] && rolled_out && members 5
}

cold_start() {
  kube -n $NAMESPACE delete pods -l 'app.kubernetes.io/component in (edge,room)' --grace-period=0 --force && rolled_out && members 5
}

end_kubernetes() {
  [[ -z "${FOLLOWER:-}" ]] || kill "$FOLLOWER" 2>/dev/null
  if [[ -n "${CLUSTER:-}" ]]; then
    printf '\n== from the signal to the end\n%s\n' "$(stop_times)"
    if [[ "$FAILED" -gt 0 ]]; then
      mkdir -p "$RESULTS/kubernetes"
      kube -n $NAMESPACE get all,events -o wide >"$RESULTS/kubernetes/state.txt" 2>&1
      local pod
      for pod in $(kube -n $NAMESPACE get pods -o name 2>/dev/null); do
        kube -n $NAMESPACE logs "$pod" >"$RESULTS/kubernetes/${pod#pod/}.log" 2>&1
      done
      cp "$CLUSTER"/*.log "$RESULTS/kubernetes/"
      say "Logs and objects: artifacts/test-results/kubernetes"
    fi
    stop_kubernetes
  fi
  stop_engine
  rm -rf "${STATE:-}"
}
