using System.Text;
using System.Text.Json;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Messages.Tests.Client;

/// <summary>The frames of docs/protocol.md, to the byte.</summary>
public sealed class ClientFramesSpecs
{
    private static readonly RoomId Room = new("r_1");
    private static readonly UserRef Ana = new(new UserId("u_1"), "ana", "Ana");
    private static readonly Guid Cid = Guid.Parse("0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509");
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 1, 0, 0, TimeSpan.FromHours(1));

    private static readonly MessagePosted Message = new(1045, Time, 912, Cid, Ana, "hi", 0, []);

    private static readonly RoomView RoomView = new(
        "r_1", "general", "", "public", 2, null,
        new MessageView("r_1", 5, 3, "r_1.5", "c", UserView.From(Ana), "hi", Time, null, false, null, [], null, [], ["u_1"]),
        1, 0, true, "owner", new HeadView(5, 3), 2, Time, true, null,
        new PreferencesView(null, Muted: true, Favourite: false, 0))
    {
        People = [new PersonView("u_2", "bo", "Bo", null)],
    };

    public static TheoryData<string, byte[], string> Frames => new()
    {
        { "pong", ClientFrames.Pong, """{"ev":"pong"}""" },
        { "sync.done", ClientFrames.SyncDone, """{"ev":"sync.done"}""" },
        {
            "hello",
            ClientFrames.Reply("1", new HelloView("s_1", "e_1", UserView.From(Ana), 553, Time, 25_000, new LimitsView(65_536, 16_384, 5, 20, 104_857_600, ["image/*"], 10), new SettingsView("mentions", null, new QuietHoursView("22:00", "07:00", "America/Sao_Paulo"), Push: false))),
            """{"re":"1","ok":true,"d":{"session":"s_1","epoch":"e_1","user":{"id":"u_1","username":"ana","displayName":"Ana"},"userSeq":553,"time":"2026-01-01T00:00:00.000Z","heartbeatMs":25000,"limits":{"frameBytes":65536,"textBytes":16384,"sendPerSec":5,"burst":20,"fileBytes":104857600,"fileTypes":["image/*"],"messageFiles":10},"settings":{"notify":"mentions","quietUntil":null,"quietHours":{"from":"22:00","to":"07:00","timeZone":"America/Sao_Paulo"},"push":false}}}"""
        },
        {
            "message.send",
            ClientFrames.Reply("2", new SentView(1045, 912, "r_1.1045", Time.AddMilliseconds(7), false)),
            """{"re":"2","ok":true,"d":{"seq":1045,"n":912,"id":"r_1.1045","ts":"2026-01-01T00:00:00.007Z","dup":false}}"""
        },
        { "read.set", ClientFrames.Reply("3", new ReadView(912, 0, 0)), """{"re":"3","ok":true,"d":{"n":912,"unread":0,"mentions":0}}""" },
        {
            "presence.watch",
            ClientFrames.Reply("6", new PresenceView("ok", ["u_1", "u_2"], 2)),
            """{"re":"6","ok":true,"d":{"state":"ok","online":["u_1","u_2"],"onlineCount":2}}"""
        },
        {
            "presence.watch, unknown",
            ClientFrames.Reply("6", new PresenceView("unknown", [], null)),
            """{"re":"6","ok":true,"d":{"state":"unknown","online":[],"onlineCount":null}}"""
        },
        { "done", ClientFrames.Done("7"), """{"re":"7","ok":true,"d":{}}""" },
        {
            "error",
            ClientFrames.Error("1", ErrorCode.Busy, "Wait.", TimeSpan.FromMilliseconds(1199.2)),
            """{"re":"1","err":{"code":"busy","message":"Wait.","retryable":true,"retryAfterMs":1200}}"""
        },
        {
            "error without id or wait",
            ClientFrames.Error(null, ErrorCode.Invalid, "The frame is not JSON."),
            """{"re":null,"err":{"code":"invalid","message":"The frame is not JSON.","retryable":false}}"""
        },
        {
            "room.created",
            ClientFrames.Event(Room, new RoomCreated(1, Time, "général", "<b>&</b>", RoomVisibility.Private, Ana)),
            """{"ev":"room.created","room":"r_1","seq":1,"d":{"name":"général","topic":"<b>&</b>","visibility":"private","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.joined",
            ClientFrames.Event(Room, new MemberJoined(2, Time, Ana, MemberRole.Owner)),
            """{"ev":"member.joined","room":"r_1","seq":2,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"role":"owner","ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.left",
            ClientFrames.Event(Room, new MemberLeft(3, Time, Ana, LeaveReason.Left)),
            """{"ev":"member.left","room":"r_1","seq":3,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"reason":"left","ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.kicked",
            ClientFrames.Event(Room, new MemberKicked(4, Time, Ana, Ana, "off \"topic\"")),
            """{"ev":"member.kicked","room":"r_1","seq":4,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"by":{"id":"u_1","username":"ana","displayName":"Ana"},"reason":"off \"topic\"","ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.banned",
            ClientFrames.Event(Room, new MemberBanned(5, Time, Ana, Ana, "", WasMember: true)),
            """{"ev":"member.banned","room":"r_1","seq":5,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"by":{"id":"u_1","username":"ana","displayName":"Ana"},"reason":"","wasMember":true,"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.unbanned",
            ClientFrames.Event(Room, new MemberUnbanned(6, Time, Ana, Ana)),
            """{"ev":"member.unbanned","room":"r_1","seq":6,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "member.role",
            ClientFrames.Event(Room, new MemberRoleChanged(7, Time, Ana, MemberRole.Admin, Ana)),
            """{"ev":"member.role","room":"r_1","seq":7,"d":{"user":{"id":"u_1","username":"ana","displayName":"Ana"},"role":"admin","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.topicChanged",
            ClientFrames.Event(Room, new RoomTopicChanged(4, Time, "tout & \"rien\"", Ana)),
            """{"ev":"room.topicChanged","room":"r_1","seq":4,"d":{"topic":"tout & \"rien\"","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "link.attached",
            ClientFrames.Event(Room, new LinkAttached(1046, Time, 1045, 912, [new LinkCard("https://a.example/?b&c", "T <b> é", "", "a.example")])),
            """{"ev":"link.attached","room":"r_1","seq":1046,"d":{"id":"r_1.1045","n":912,"cards":[{"url":"https://a.example/?b&c","title":"T <b> é","description":"","site":"a.example","image":null}]}}"""
        },
        {
            "link.attached, with an image",
            ClientFrames.Event(Room, new LinkAttached(1047, Time, 1045, 912, [new LinkCard("https://a.example/", "T", "", "a.example")
            {
                Image = new LinkImage(new FileId("f_1"), 800, 400, "data:image/webp;base64,AAAA"),
            }])),
            """{"ev":"link.attached","room":"r_1","seq":1047,"d":{"id":"r_1.1045","n":912,"cards":[{"url":"https://a.example/","title":"T","description":"","site":"a.example","image":{"id":"f_1","width":800,"height":400,"placeholder":"data:image/webp;base64,AAAA"}}]}}"""
        },
        {
            "user.changed",
            ClientFrames.UserChanged(new PersonView("u_1", "ana", "Ana", "f_1", new StatusView("", "away"))),
            """{"ev":"user.changed","d":{"id":"u_1","username":"ana","displayName":"Ana","avatar":"f_1","status":{"emoji":"","text":"away"}}}"""
        },
        {
            "room.pictureChanged",
            ClientFrames.Event(Room, new RoomPictureChanged(6, Time, new FileId("f_1"), new FileId("f_0"), Ana)),
            """{"ev":"room.pictureChanged","room":"r_1","seq":6,"d":{"picture":"f_1","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.renamed",
            ClientFrames.Event(Room, new RoomRenamed(8, Time, "new", Ana)),
            """{"ev":"room.renamed","room":"r_1","seq":8,"d":{"name":"new","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.visibilityChanged",
            ClientFrames.Event(Room, new RoomVisibilityChanged(9, Time, RoomVisibility.Private, Ana)),
            """{"ev":"room.visibilityChanged","room":"r_1","seq":9,"d":{"visibility":"private","by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.archived",
            ClientFrames.Event(Room, new RoomArchived(10, Time, Archived: true, Ana)),
            """{"ev":"room.archived","room":"r_1","seq":10,"d":{"archived":true,"by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.deleted",
            ClientFrames.Event(Room, new RoomDeleted(11, Time, Ana)),
            """{"ev":"room.deleted","room":"r_1","seq":11,"d":{"by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "room.linkCardsChanged",
            ClientFrames.Event(Room, new RoomLinkCardsChanged(5, Time, LinkCards: false, Ana)),
            """{"ev":"room.linkCardsChanged","room":"r_1","seq":5,"d":{"linkCards":false,"by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "message.edited",
            ClientFrames.Event(Room, new MessageEdited(1048, Time, 1045, 912, "better é", [Ana.Id])),
            """{"ev":"message.edited","room":"r_1","seq":1048,"d":{"id":"r_1.1045","n":912,"text":"better é","editedAt":"2026-01-01T00:00:00.000Z","mentions":["u_1"]}}"""
        },
        {
            "message.edited, to all",
            ClientFrames.Event(Room, new MessageEdited(1048, Time, 1045, 912, "@here", [Ana.Id]) { Audience = Audience.Here }),
            """{"ev":"message.edited","room":"r_1","seq":1048,"d":{"id":"r_1.1045","n":912,"text":"@here","editedAt":"2026-01-01T00:00:00.000Z","mentions":["u_1"],"audience":"here"}}"""
        },
        {
            "message.created, to all",
            ClientFrames.Event(Room, Message with { Text = "@room", Audience = Audience.Room }),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"@room","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":false,"replyTo":null,"files":[],"preview":null,"reactions":[],"mentions":[],"audience":"room"}}"""
        },
        {
            "message.deleted",
            ClientFrames.Event(Room, new MessageDeleted(1049, Time, 1045, 912, Ana, [new FileId("f_1")])),
            """{"ev":"message.deleted","room":"r_1","seq":1049,"d":{"id":"r_1.1045","n":912,"by":{"id":"u_1","username":"ana","displayName":"Ana"},"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "reaction.set",
            ClientFrames.Event(Room, new ReactionSet(1050, Time, 1045, 912, Ana, "★", On: true, 3)),
            """{"ev":"reaction.set","room":"r_1","seq":1050,"d":{"id":"r_1.1045","n":912,"user":{"id":"u_1","username":"ana","displayName":"Ana"},"emoji":"★","on":true,"count":3}}"""
        },
        {
            "message.pinned",
            ClientFrames.Event(Room, new MessagePinned(1051, Time, 1045, 912, Ana, On: false)),
            """{"ev":"message.pinned","room":"r_1","seq":1051,"d":{"id":"r_1.1045","n":912,"by":{"id":"u_1","username":"ana","displayName":"Ana"},"on":false,"ts":"2026-01-01T00:00:00.000Z"}}"""
        },
        {
            "message.created, as it is once it is edited",
            ClientFrames.Event(Room, Message with { Text = "now", EditedAt = Time.AddSeconds(1) }),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"now","ts":"2026-01-01T00:00:00.000Z","editedAt":"2026-01-01T00:00:01.000Z","deleted":false,"replyTo":null,"files":[],"preview":null,"reactions":[],"mentions":[]}}"""
        },
        {
            "message.created, as it is once it is deleted",
            ClientFrames.Event(Room, Message with { Text = "", Mentions = [], Files = [], IsDeleted = true }),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":true,"replyTo":null,"files":[],"preview":null,"reactions":[],"mentions":[]}}"""
        },
        {
            "message.created",
            ClientFrames.Event(Room, Message),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"hi","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":false,"replyTo":null,"files":[],"preview":null,"reactions":[],"mentions":[]}}"""
        },
        {
            // What lies beyond the basic plane is escaped by the runtime's writer, the rest stays as typed.
            "message.created, answering and naming",
            ClientFrames.Event(Room, Message with { Text = "é \"x\" \\ \n👋", ReplyToSeq = 7, Mentions = [new UserId("u_1"), new UserId("u_2")] }),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"é \"x\" \\ \n\uD83D\uDC4B","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":false,"replyTo":"r_1.7","files":[],"preview":null,"reactions":[],"mentions":["u_1","u_2"]}}"""
        },
        {
            "message.created, with files",
            ClientFrames.Event(Room, Message with
            {
                Text = "",
                Files =
                [
                    new MessageFile(new FileId("f_1"), "é.jpg", "image/jpeg", 48213, 1600, 1200, "data:image/webp;base64,AAAA"),
                    new MessageFile(new FileId("f_2"), "early.png", "image/png", 9, 10, 10, ""),
                    new MessageFile(new FileId("f_3"), "a.zip", "application/octet-stream", 0, 0, 0, ""),
                ],
            }),
            """{"ev":"message.created","room":"r_1","seq":1045,"d":{"id":"r_1.1045","n":912,"cid":"0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509","author":"u_1","authorInfo":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":false,"replyTo":null,"files":[{"id":"f_1","name":"é.jpg","type":"image/jpeg","size":48213,"width":1600,"height":1200,"placeholder":"data:image/webp;base64,AAAA","thumbnails":[{"width":320,"height":240},{"width":1280,"height":960}]},{"id":"f_2","name":"early.png","type":"image/png","size":9,"width":10,"height":10,"placeholder":null,"thumbnails":[{"width":10,"height":10},{"width":10,"height":10}]},{"id":"f_3","name":"a.zip","type":"application/octet-stream","size":0,"width":null,"height":null,"placeholder":null,"thumbnails":[]}],"preview":null,"reactions":[],"mentions":[]}}"""
        },
        {
            "room.sync",
            ClientFrames.Sync(Room, 1041, 1043, 1044, ["{\"ev\":\"a\"}"u8.ToArray(), "{\"ev\":\"b\"}"u8.ToArray()]),
            """{"ev":"room.sync","room":"r_1","d":{"from":1041,"to":1043,"head":1044,"events":[{"ev":"a"},{"ev":"b"}],"complete":false}}"""
        },
        {
            "room.sync, empty and complete",
            ClientFrames.Sync(Room, 1044, 1044, 1044, []),
            """{"ev":"room.sync","room":"r_1","d":{"from":1044,"to":1044,"head":1044,"events":[],"complete":true}}"""
        },
        {
            "room.sync pull",
            ClientFrames.SyncReply("5", 1041, 1042, 1042, ["{\"ev\":\"a\"}"u8.ToArray()]),
            """{"re":"5","ok":true,"d":{"from":1041,"to":1042,"head":1042,"events":[{"ev":"a"}],"complete":true}}"""
        },
        {
            "page of events",
            ClientFrames.EventPage(["{\"ev\":\"a\"}"u8.ToArray(), "{\"ev\":\"b\"}"u8.ToArray()], 1044, 911),
            """{"items":[{"ev":"a"},{"ev":"b"}],"head":{"seq":1044,"n":911}}"""
        },
        {
            "room.reset",
            ClientFrames.Reset(Room, 9001, 8800, "gap_too_large"),
            """{"ev":"room.reset","room":"r_1","d":{"head":9001,"n":8800,"reason":"gap_too_large"}}"""
        },
        {
            "room.digest",
            ClientFrames.Digest([new DigestView("r_3", 88, 80, 76, 4, 1)]),
            """{"ev":"room.digest","d":[{"room":"r_3","head":88,"n":80,"readN":76,"unread":4,"mentions":1}]}"""
        },
        { "room.digest, empty", ClientFrames.Digest([]), """{"ev":"room.digest","d":[]}""" },
        { "room.head", ClientFrames.Head(Room, 1044, 911), """{"ev":"room.head","d":[{"room":"r_1","head":1044,"n":911}]}""" },
        { "room.lagged", ClientFrames.Lagged(Room, 1300), """{"ev":"room.lagged","room":"r_1","d":{"head":1300}}""" },
        {
            "typing",
            ClientFrames.Typing(Room, ["u_2"], TimeSpan.FromSeconds(6)),
            """{"ev":"typing","room":"r_1","d":{"users":["u_2"],"ttlMs":6000}}"""
        },
        {
            "presence, whole",
            ClientFrames.Presence(Room, new PresenceView("ok", null, 501)),
            """{"ev":"presence","room":"r_1","d":{"state":"ok","online":null,"onlineCount":501}}"""
        },
        {
            "presence, delta",
            ClientFrames.Presence(Room, new PresenceDeltaView("ok", ["u_3"], [], 3)),
            """{"ev":"presence","room":"r_1","d":{"state":"ok","joined":["u_3"],"left":[],"onlineCount":3}}"""
        },
        {
            "server.draining",
            ClientFrames.Draining(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(8)),
            """{"ev":"server.draining","d":{"reconnectMs":[500,8000]}}"""
        },
        {
            "membership.added",
            ClientFrames.MembershipAdded(554, RoomView),
            """{"ev":"membership.added","useq":554,"d":{"room":{"id":"r_1","name":"general","topic":"","visibility":"public","memberCount":2,"onlineCount":null,"lastMessage":{"room":"r_1","seq":5,"n":3,"id":"r_1.5","cid":"c","author":{"id":"u_1","username":"ana","displayName":"Ana"},"text":"hi","ts":"2026-01-01T00:00:00.000Z","editedAt":null,"deleted":false,"replyTo":null,"files":[],"preview":null,"reactions":[],"mentions":["u_1"]},"unread":1,"mentions":0,"joined":true,"role":"owner","head":{"seq":5,"n":3},"readN":2,"createdAt":"2026-01-01T00:00:00.000Z","linkCards":true,"picture":null,"preferences":{"notify":null,"muted":true,"favourite":false,"order":0},"people":[{"id":"u_2","username":"bo","displayName":"Bo","avatar":null,"status":null}],"hidden":false,"archived":false}}}"""
        },
        {
            "membership.removed",
            ClientFrames.MembershipRemoved(555, Room, "left"),
            """{"ev":"membership.removed","useq":555,"d":{"room":"r_1","reason":"left"}}"""
        },
        {
            "membership.removed, on resume",
            ClientFrames.MembershipRemoved(null, Room, "left"),
            """{"ev":"membership.removed","d":{"room":"r_1","reason":"left"}}"""
        },
        {
            "read.updated",
            ClientFrames.ReadUpdated(556, Room, new ReadView(912, 3, 1)),
            """{"ev":"read.updated","room":"r_1","useq":556,"d":{"n":912,"unread":3,"mentions":1}}"""
        },
        {
            "user.blocked",
            ClientFrames.UserBlocked(557, new UserId("u_2"), on: true),
            """{"ev":"user.blocked","useq":557,"d":{"user":"u_2","on":true}}"""
        },
        {
            "user.unknown",
            ClientFrames.UserEventUnknown(560),
            """{"ev":"user.unknown","useq":560,"d":{}}"""
        },
        {
            "direct.hidden",
            ClientFrames.DirectHidden(558, Room, hidden: true),
            """{"ev":"direct.hidden","room":"r_1","useq":558,"d":{"hidden":true}}"""
        },
        {
            "thread.digest",
            ClientFrames.ThreadDigest([new ThreadDigestView("r_1", "r_1.1045", 912, 3, 1060)]),
            """{"ev":"thread.digest","d":[{"room":"r_1","thread":"r_1.1045","readN":912,"unread":3,"seq":1060}]}"""
        },
        {
            "thread.updated",
            ClientFrames.ThreadUpdated(559, Room, new ThreadStateView("r_1.1045", Following: true, 912, 3, 1, 1060)),
            """{"ev":"thread.updated","room":"r_1","useq":559,"d":{"thread":"r_1.1045","following":true,"readN":912,"unread":3,"mentions":1,"seq":1060}}"""
        },
        {
            "message.saved",
            ClientFrames.MessageSaved(559, new MessageId(Room, 1045), on: true),
            """{"ev":"message.saved","room":"r_1","useq":559,"d":{"message":"r_1.1045","on":true}}"""
        },
        {
            "read.updated, back",
            ClientFrames.ReadUpdated(557, Room, new ReadView(900, 15, 1, Back: true)),
            """{"ev":"read.updated","room":"r_1","useq":557,"d":{"n":900,"unread":15,"mentions":1,"back":true}}"""
        },
        {
            "settings.updated",
            ClientFrames.SettingsUpdated(559, new SettingsView("all", Time, null, Push: true)),
            """{"ev":"settings.updated","useq":559,"d":{"notify":"all","quietUntil":"2026-01-01T00:00:00.000Z","quietHours":null,"push":true}}"""
        },
        {
            "preferences.updated",
            ClientFrames.PreferencesUpdated(558, Room, new PreferencesView("mentions", Muted: false, Favourite: true, Order: 7)),
            """{"ev":"preferences.updated","room":"r_1","useq":558,"d":{"notify":"mentions","muted":false,"favourite":true,"order":7}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frame_ShouldBeTheOneOfTheDocument(string name, byte[] frame, string json)
    {
        Assert.Equal(json, Encoding.UTF8.GetString(frame));
        using var document = JsonDocument.Parse(frame);
        Assert.NotEmpty(name);
    }

    [Fact]
    public void Event_ShouldFitIntoASync()
    {
        var events = Enumerable.Range(1, 3).Select(seq => ClientFrames.Event(Room, Message with { Seq = seq, Text = "a\"b" }));
        using var document = JsonDocument.Parse(ClientFrames.Sync(Room, 0, 3, 3, events));
        Assert.Equal(
            [1, 2, 3],
            document.RootElement.GetProperty("d").GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public void Event_ShouldThrow_WhenTheEventIsUnknown() =>
        Assert.Throws<ArgumentException>(() => ClientFrames.Event(Room, new Unknown(1, Time)));

    [Theory]
    [InlineData("é👋")]
    [InlineData("a\"b\\c\n")]
    [InlineData("</script>")]
    public void Reply_ShouldEchoTheIdAsItWas(string id)
    {
        foreach (var frame in new[]
        {
            ClientFrames.Done(id),
            ClientFrames.Reply(id, new ReadView(1, 0, 0)),
            ClientFrames.SyncReply(id, 0, 0, 0, []),
            ClientFrames.Error(id, ErrorCode.Invalid, "no"),
        })
        {
            using var document = JsonDocument.Parse(frame);
            Assert.Equal(id, document.RootElement.GetProperty("re").GetString());
        }
    }

    [Fact]
    public void Event_ShouldWriteItsTimeInUtcToTheMillisecond()
    {
        var frame = ClientFrames.Event(Room, new MemberLeft(3, new DateTimeOffset(2026, 1, 1, 0, 30, 0, 123, 456, TimeSpan.FromHours(2)), Ana, LeaveReason.Left));
        using var document = JsonDocument.Parse(frame);
        Assert.Equal("2025-12-31T22:30:00.123Z", document.RootElement.GetProperty("d").GetProperty("ts").GetString());
    }

    private sealed record Unknown(long Seq, DateTimeOffset Time) : RoomEvent(Seq, Time);
}
