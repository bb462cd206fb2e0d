using AkkaChat.Cmd;

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The first Ctrl-C ends the command, a second one the process.
    pressed.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
};
return await PbmProgram.RunAsync(args, Console.In, Console.Out, Console.Error, interrupted.Token);
