using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Accounts;

/// <summary>
/// Who may see and change how the installation runs: the accounts that <see cref="AuthOptions.Owners"/> names. Usernames never change, so a
/// token that the server signed says whose it is.
/// </summary>
public sealed class InstallationOwners(IOptions<AuthOptions> options)
{
    private readonly HashSet<string> _usernames = new(options.Value.Owners, StringComparer.OrdinalIgnoreCase);

    public bool Contains(string username) => _usernames.Contains(username);
}
