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

    /// <summary>Hello was said and the request names a room. Whether the user may is for the room to say.</summary>
    Room,

    /// <summary>The user is a member of the room that the request names.</summary>
    Member,
}

/// <summary>
/// One op of the protocol: a class in the folder of its feature, of which all connections use one instance. It is found by its type, so a new
/// one is named nowhere else.
/// </summary>
internal interface IClientOp
{
    string Name { get; }

    OpScope Scope => OpScope.Member;

    OpRate Rate => OpRate.Request;

    /// <summary>Answers the call once. The next request of the connection is read when this ends.</summary>
    ValueTask CarryOutAsync(OpCall call);
}
