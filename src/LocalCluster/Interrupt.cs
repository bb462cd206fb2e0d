using System.Runtime.InteropServices;

namespace AkkaChat.LocalCluster;

/// <summary>Ctrl-C and SIGTERM: the first asks for an orderly stop, the second for an immediate one.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public Interrupt() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, 143)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Take(context, 143)),
    ];

    public CancellationToken Stop => _stop.Token;

    public CancellationToken Hurry => _hurry.Token;

    /// <summary>The exit code by which shells report the first signal.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
        _hurry.Dispose();
    }

    private void Take(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            _hurry.Cancel();
            return;
        }

        ExitCode = exitCode;
        _stop.Cancel();
    }
}
