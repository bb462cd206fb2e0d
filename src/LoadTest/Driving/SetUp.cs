using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Driving;

/// <summary>Makes what a run needs: accounts, rooms, memberships, connections. Nothing of it is measured but the connections.</summary>
internal sealed class SetUp(RunContext context, ChatSockets sockets, IRunObserver observer)
{
    /// <summary>Registrations are hashes on the server, a few at a time; more would only wait in its queue.</summary>
    private const int Registrations = 8;
    private const int Calls = 16;
    private const int Connects = 50;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);

    public async Task<Account[]> RegisterAsync(CancellationToken end)
    {
        var accounts = new Account[context.Options.Users];
        await EachAsync("Registering users", accounts.Length, Registrations, async i =>
        {
            accounts[i] = new Account { Name = $"load_{context.Run}_{i + 1}" };
            await context.Api.RegisterAsync(accounts[i], end);
        }, end);
        return accounts;
    }

    public async Task<RoomRecord[]> MakeRoomsAsync(Account[] accounts, CancellationToken end)
    {
        var rooms = new RoomRecord[context.Options.Rooms];
        await EachAsync("Making rooms", rooms.Length, Calls, async room =>
        {
            var owner = accounts[context.Plan.MembersOf(room)[0]];
            var id = await context.Api.CreateRoomAsync(owner, $"Load test {context.Run}, room {room + 1}", end);
            rooms[room] = new RoomRecord(room, id, context.Messages, context.Findings);
        }, end);
        var joins = Enumerable.Range(0, rooms.Length)
            .SelectMany(room => context.Plan.MembersOf(room).Skip(1).Select(user => (room, user)))
            .ToArray();
        await EachAsync("Joining rooms", joins.Length, Calls, i => context.Api.JoinAsync(accounts[joins[i].user], rooms[joins[i].room].Id, end), end);
        return rooms;
    }

    /// <summary>Connects all users, who then run until <paramref name="stop"/>.</summary>
    public async Task<(VirtualUser[] Users, Task Running)> ConnectAsync(
        Account[] accounts, RoomRecord[] rooms, CancellationToken stop, CancellationToken end)
    {
        var users = accounts
            .Select((account, i) => new VirtualUser(context, sockets, i, account, context.Plan.RoomsOf(i).Select(room => rooms[room])))
            .ToArray();
        var running = new Task[users.Length];
        await EachAsync("Connecting", users.Length, Connects, async i =>
        {
            running[i] = Task.Run(() => users[i].RunAsync(stop), CancellationToken.None);
            await ConnectedAsync(users[i], end);
        }, end);
        return (users, Task.WhenAll(running));
    }

    private async Task ConnectedAsync(VirtualUser user, CancellationToken end)
    {
        var time = context.Clock.Time;
        for (var started = time.GetTimestamp(); !user.IsConnected;)
        {
            if (user.OutBecause is { } out_)
            {
                throw new UnusableServerException($"{user.Account.Name} was turned away: {out_}.");
            }

            if (time.GetElapsedTime(started) > ConnectTimeout)
            {
                throw new UnusableServerException($"{user.Account.Name} could not connect in {ConnectTimeout.TotalSeconds:0} s: {user.LastFailure}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), time, end);
        }
    }

    private async Task EachAsync(string what, int count, int parallel, Func<int, Task> action, CancellationToken end)
    {
        var done = 0;
        observer.SetUp(what, 0, count);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = end },
            async (i, _) =>
            {
                await action(i);
                observer.SetUp(what, Interlocked.Increment(ref done), count);
            });
    }
}
