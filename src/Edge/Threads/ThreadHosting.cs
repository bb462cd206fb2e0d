namespace AkkaChat.Edge.Threads;

internal static class ThreadHosting
{
    /// <summary>Needs <c>AddChatNode</c>.</summary>
    public static IServiceCollection AddThreadRequests(this IServiceCollection services) => services.AddSingleton<ThreadRequests>();
}
