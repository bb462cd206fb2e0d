using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Ops;

[Collection(OnSqlite.Name)]
public sealed class OpTableSpecs(SqliteChat chat)
{
    private readonly OpTable _ops = chat.Host.Services.GetRequiredService<OpTable>();

    [Fact]
    public void Table_ShouldHoldTheContractsOps() => Assert.Equal(
        [
            "hello", "link.remove", "message.delete", "message.edit", "message.pin", "message.send", "ping", "presence.unwatch", "presence.watch",
            "reaction.set", "read.set", "room.sync", "thread.read", "typing",
        ],
        _ops.Names.Order());

    [Fact]
    public void Op_ShouldAskForMembership_UnlessTheRoomOrNobodyDecides()
    {
        Assert.Equal(["hello", "ping"], Of(OpScope.Connection));
        Assert.Equal(["message.send", "room.sync"], Of(OpScope.Room));
    }

    private IEnumerable<string> Of(OpScope scope) => _ops.Names.Where(name => _ops.Find(name)!.Scope == scope).Order();
}
