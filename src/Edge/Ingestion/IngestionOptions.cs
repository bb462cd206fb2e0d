using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Ingestion;

/// <summary>Limits of sends on their way to rooms. Read from <c>AkkaChat:Ingestion</c>.</summary>
public sealed class IngestionOptions
{
    public const string SectionName = "AkkaChat:Ingestion";

    /// <summary>Lanes of this edge; a room always uses the same one. Default 4.</summary>
    public int Lanes { get; set; } = 4;

    /// <summary>Sends that may wait in a lane; while it is full, the sockets that feed it are not read. Default 1,024.</summary>
    public int LaneCapacity { get; set; } = 1_024;

    /// <summary>Sends of a lane that may be in flight. Default 8,192.</summary>
    public int InFlightPerLane { get; set; } = 8_192;

    /// <summary>
    /// Sends from this edge to one room that may be in flight; the next is answered <c>busy</c>. Default 4,096: half a lane.
    /// </summary>
    public int InFlightPerRoom { get; set; } = 4_096;

    /// <summary>Sends of one connection that may be in flight; at the limit its socket is not read. Default 256.</summary>
    public int InFlightPerConnection { get; set; } = 256;
}

internal sealed class IngestionOptionsValidator : IValidateOptions<IngestionOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestionOptions options) => new SettingRules(IngestionOptions.SectionName)
        .Require(options.Lanes is >= 1 and <= 64, nameof(options.Lanes), "from 1 to 64")
        .Require(options.LaneCapacity >= 1, nameof(options.LaneCapacity), "at least 1")
        .Require(
            options.InFlightPerLane > options.InFlightPerRoom,
            nameof(options.InFlightPerLane),
            $"above {nameof(options.InFlightPerRoom)}, so that one room cannot fill a lane")
        .Require(options.InFlightPerRoom >= 1, nameof(options.InFlightPerRoom), "at least 1")
        .Require(options.InFlightPerConnection >= 1, nameof(options.InFlightPerConnection), "at least 1")
        .ToResult();
}
