using Akka.Hosting;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Cluster.Telemetry;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Admin;
using AkkaChat.Edge.Conversation;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Invites;
using AkkaChat.Edge.Limits;
using AkkaChat.Edge.LinkCards;
using AkkaChat.Edge.Management;
using AkkaChat.Edge.Notifications;
using AkkaChat.Edge.People;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Saved;
using AkkaChat.Edge.Search;
using AkkaChat.Edge.Sockets;
using AkkaChat.Edge.Threads;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Invites;

namespace AkkaChat.Edge.Hosting;

/// <summary>Composes an edge. By default it also hosts rooms and is a complete single-process system.</summary>
public static class EdgeHosting
{
    private const long MaxBodyBytes = 1024 * 1024;

    /// <summary>A search that is too long gets an answer that says so, up to here.</summary>
    private const int MaxLineBytes = 16 * 1024;

    public static WebApplicationBuilder AddChatEdge(this WebApplicationBuilder builder)
    {
        builder.ApplyShortSettings();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxRequestLineSize = MaxLineBytes;
        });

        var services = builder.Services;
        services.AddManagement().AddPalette<EdgePalette>().AddTelemetry(builder.Configuration);
        services.AddOpenApi();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new UtcMillisecondsConverter()));
        services.AddSettings<SocketOptions, SocketOptionsValidator>(SocketOptions.SectionName);
        services.AddSettings<RelayOptions, RelayOptionsValidator>(RelayOptions.SectionName);
        services.AddSettingCheck<RelayOptions, RelayLeaseCheck>();
        services.AddSettings<IngestionOptions, IngestionOptionsValidator>(IngestionOptions.SectionName);
        services.AddSettings<GatewayOptions, GatewayOptionsValidator>(GatewayOptions.SectionName);
        services.AddSettings<WebOptions>(WebOptions.SectionName);
        services.AddSingleton<ISessionEvents, ClusterSessionEvents>();
        services.AddSingleton<OnlineUsers>();
        services.AddSingleton<OnlineCounts>();
        services.AddSingleton<RoomViews>();
        services.AddSingleton<RoomAccess>();
        services.AddSingleton<RoomThreads>();
        services.AddSingleton<HereMentions>();
        services.AddSingleton<RoomPictures>();
        services.AddSingleton<IProfileEvents, ClusterProfileEvents>();
        services.AddRequestLimits();
        services.AddIngestion();
        services.AddAkkaChatInvites();
        services.AddPeople();
        services.AddThreadRequests();
        services.AddFiles();
        services.AddSearch();
        services.AddSavedMessages();
        services.AddAdmin();
        services.AddReadinessCheck<EdgeReadiness>();
        services.AddChatNode(
            builder.Configuration,
            [ChatRoles.Room, ChatRoles.Edge],
            (akka, _) => akka.WithLostSubscriptions().WithPresence().WithUserRelay().WithRelay());
        services.AddLinkCards();
        services.AddPush();
        services.AddSingleton<MessageChanges>();
        services.AddAkkaChatAccounts(builder.Configuration);
        services.AddSockets();
        services.AddServerStopLimit();
        return builder;
    }

    public static WebApplication UseChatEdge(this WebApplication app)
    {
        app.UseChatSocket();
        app.UseAkkaChatAccounts();
        app.UseRequestLimits();
        app.UseWebSockets();
        app.UseWebApp();
        app.MapHealth();
        app.MapAccounts();
        app.MapRooms();
        app.MapPreferences();
        app.MapSettings();
        app.MapPush();
        app.MapModeration();
        app.MapInvites();
        app.MapPeople();
        app.MapDirect();
        app.MapLinkCards();
        app.MapMessages();
        app.MapThreads();
        app.MapSearch();
        app.MapSavedMessages();
        app.MapUploads();
        app.MapFiles();
        app.MapAdmin();
        app.MapChatSocket();
        app.MapApiDescription();
        app.MapWebApp();
        return app;
    }

    /// <summary><c>PORT</c> and <c>DATA</c>, the two everyday settings.</summary>
    private static void ApplyShortSettings(this WebApplicationBuilder builder)
    {
        const int DefaultPort = 8080;
        if (builder.Configuration["DATA"] is { Length: > 0 } data)
        {
            builder.Configuration[$"{DatabaseOptions.SectionName}:{nameof(DatabaseOptions.DataFolder)}"] = data;
        }

        var port = builder.Configuration["PORT"];
        if (port is not null || string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls($"http://localhost:{port ?? DefaultPort.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        }
    }
}
