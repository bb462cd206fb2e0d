// Inside AkkaChat.* the name Cluster binds to another project's namespace.
global using AkkaCluster = Akka.Cluster.Cluster;
global using AkkaChat.LocalCluster.Nodes;
global using AkkaChat.LocalCluster.Processes;
