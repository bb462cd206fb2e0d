using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Clients;

/// <summary>Avatars: uploaded, set, replaced, removed.</summary>
internal sealed partial class ChaosUser
{
    /// <summary>Some are uploaded and never set: nobody else may see those.</summary>
    private async Task ChangeAvatarAsync(CancellationToken stop)
    {
        string? avatar = null;
        if (random.NextDouble() < 0.85)
        {
            if (await UploadAsync(null, FileContent.Picture(random), stop) is not { } file || random.NextDouble() < 0.1)
            {
                return;
            }

            avatar = file.Id;
        }

        var note = Note(Op.AvatarInvoke) with { File = avatar };
        history.Write(note);
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
        {
            var answer = await FileClient.SetAvatarAsync(Rest, AnyEdge, avatar);
            switch (answer.Status)
            {
                case 200:
                    history.Write(note with { Time = Clock.Now, Op = Op.AvatarOk });
                    return;
                case 400 or 415:
                    history.Write(Note(Op.Breach) with { File = avatar, Code = $"a complete upload was refused as the avatar: {answer.Code}" });
                    return;
                case 401:
                    await LogInAsync();
                    break;
                default:
                    // It waits to be processed, or the edge is away; the same request again changes nothing more.
                    await PauseAsync(0.5, stop: default);
                    break;
            }
        }
    }
}
