# `./run cluster`, sourced by ./run after the build: src/LocalCluster starts, watches and stops the processes.

run_cluster() {
  mkdir -p "$DATA/cluster"
  # Every process inherits descriptor 9, so the lock is held until the last of them is gone.
  exec 9>"$DATA/cluster/lock"
  flock -w 45 9 || die "another './run cluster' uses $DATA/cluster; stop it or set DATA to another folder."
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
  exec dotnet "$LOCAL_CLUSTER_DLL"
}
