using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using AkkaChat.Persistence.Database;
using Dapper;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Notifications;

/// <param name="PublicKey">In base64url, as browsers take it.</param>
public sealed record VapidKeys(string PublicKey, string PrivateKey)
{
    public override string ToString() => $"{nameof(VapidKeys)} {{ {PublicKey} }}";
}

/// <summary>
/// The key pair by which push services know the installation (RFC 8292): that of the settings, else that of the database, which the first node
/// that needs it makes. Subscriptions end when it changes.
/// </summary>
public sealed class PushKeys(IDatabase database, IOptions<PushOptions> options)
{
    private VapidKeys? _known;

    public async ValueTask<VapidKeys> GetAsync(CancellationToken cancellationToken)
    {
        if (options.Value is { PublicKey: { } publicKey, PrivateKey: { } privateKey })
        {
            return new VapidKeys(publicKey, privateKey);
        }

        return _known ??= await database.WriteAsync(
            async (connection, transaction) =>
            {
                var made = Make();
                await connection.ExecuteAsync(new CommandDefinition(
                    "INSERT INTO push_key (id, public_key, private_key) VALUES (1, @PublicKey, @PrivateKey) ON CONFLICT (id) DO NOTHING",
                    made,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                var (known, secret) = await connection.QuerySingleAsync<(string, string)>(new CommandDefinition(
                    "SELECT public_key, private_key FROM push_key", transaction: transaction, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
                return new VapidKeys(known, secret);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (!Base64Url.IsValid(text))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }

    private static VapidKeys Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        return new VapidKeys(
            Base64Url.EncodeToString([4, .. parameters.Q.X!, .. parameters.Q.Y!]), Base64Url.EncodeToString(parameters.D!));
    }
}
