namespace AkkaChat.Edge.Ops;

/// <summary>Which of a connection's limits a request counts against.</summary>
internal enum OpRate
{
    Request,
    Send,
}

/// <summary>What must hold before a request is carried out.</summary>
internal enum OpScope
{
    /// <summary>Nothing: it may come before hello.</summary>
    Connection,

    /// <summary>Hello has succeeded and the request names a room; the room itself decides whether the user may.</summary>
    Room,

    /// <summary>The user is a member of the room that the request names.</summary>
    Member,
}

/// <summary>
/// One op of the protocol: a class in the folder of its feature, with one instance for all connections. It is found by its type, so a new op
/// is registered nowhere else.
/// </summary>
internal interface IClientOp
{
    string Name { get; }

    OpScope Scope => OpScope.Member;

    OpRate Rate => OpRate.Request;

    /// <summary>Answers the call once. The next request of the connection is read when this ends.</summary>
    ValueTask CarryOutAsync(OpCall call);
}
