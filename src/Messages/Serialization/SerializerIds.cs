namespace AkkaChat.Messages.Serialization;

/// <summary>The identifiers stored in every journal row and remote message. Never changed.</summary>
public static class SerializerIds
{
    public const int Strict = 7300;

    public const int Room = 7301;

    public const int User = 7302;

    public const int Node = 7303;
}
