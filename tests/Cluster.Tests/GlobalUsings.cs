// Inside AkkaChat.* the name Cluster binds to the project's namespace.
global using AkkaChat.Cluster.Rooms;
global using AkkaCluster = Akka.Cluster.Cluster;
