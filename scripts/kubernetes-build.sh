# A Kubernetes control plane, built once from Debian's own source package, for ./test kubernetes. Sourced, after scripts/debian.sh.

KUBERNETES_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)

# Sets KUBERNETES to a folder with the programs.
build_kubernetes() {
  local version source
  apt_of bookworm deb-src || return 1
  # Debian's version is 1.20.5+really1.20.2-1.1: the last number is the one that counts.
  version="$("${APT[@]}" --only-source --print-uris source kubernetes 2>/dev/null | sed -n 's/.*really\([0-9.]*\)\.orig.*/\1/p' | head -1)"
  [[ -n "$version" ]] || { say "Debian's source package kubernetes is not in the archive."; return 1; }
  KUBERNETES="$CACHE/kubernetes-$version"
  [[ ! -e "$KUBERNETES/built" ]] || return 0
  need_debian_packages golang-go rsync make gcc libc6-dev || return 1
  say "Building Kubernetes $version from Debian's source, once (ten minutes on two cores) ..."
  # Where Go expects it: its own build looks itself up in GOPATH.
  source="$KUBERNETES/go/src/k8s.io/kubernetes"
  rm -rf "$KUBERNETES"
  mkdir -p "$source" "$KUBERNETES/bin"
  (cd "$KUBERNETES" && quietly "${APT[@]}" --only-source --download-only source kubernetes) || return 1
  tar -x -C "$source" --strip-components 1 -f "$KUBERNETES"/kubernetes_*.orig.tar.* || return 1
  (cd "$source" && GOPATH="$KUBERNETES/go" HOME="$KUBERNETES" CGO_ENABLED=0 KUBE_GIT_VERSION="v$version" KUBE_GIT_TREE_STATE=clean \
    quietly make WHAT="${KUBERNETES_PROGRAMS[*]/#/cmd/}") || return 1
  cp "${KUBERNETES_PROGRAMS[@]/#/$source/_output/local/bin/linux/amd64/}" "$KUBERNETES/bin/" || return 1
  # Gigabytes of sources and intermediate objects.
  chmod -R u+w "$KUBERNETES/go" "$KUBERNETES/.cache" 2>/dev/null
  rm -rf "$KUBERNETES/go" "$KUBERNETES/.cache" "$KUBERNETES"/kubernetes_*
  touch "$KUBERNETES/built"
}
