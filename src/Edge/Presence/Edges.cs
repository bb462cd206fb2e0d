using System.Globalization;
using Akka.Cluster;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

internal static class Edges
{
    /// <summary>The edge id of a cluster member: includes its actor system's uid, so that a restarted node is another edge.</summary>
    public static EdgeId IdOf(UniqueAddress node) => new(node.Uid.ToString("x8", CultureInfo.InvariantCulture));
}
