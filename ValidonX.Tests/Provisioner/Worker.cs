using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ValidonX.Provisioner.Billing;
using ValidonX.Provisioner.Closing;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Tests.Provisioner;

/// <summary>
/// What a worker process runs: a provisioner, configured by its command line, that can be told to end or freeze itself at one instant
/// of one stage, exactly as <c>kill -9</c> and <c>kill -STOP</c> at that instant would.
/// </summary>
internal static partial class Worker
{
    public static async Task<int> RunAsync(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();
        using var host = ProvisionerHost.Build(
            configuration.AsEnumerable(),
            configuration["Signal"] is { } signal
                ? new SignalingObserver(int.Parse(configuration["Stage"]!, null), Enum.Parse<StageInstant>(configuration["Instant"]!), Enum.Parse<Signal>(signal))
                : null,
            log: true,
            also: services =>
            {
                if (configuration["BillingInstant"] is { } billing) services.AddSingleton<IBillingObserver>(new KilledWhileBilling(billing));
                if (configuration["DeletionStep"] is { } step) services.AddSingleton<IDeletionObserver>(new KilledAfterStep(step));
            });
        await host.RunAsync();
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nuint CurrentThread();

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    private static partial int SendSignal(nuint thread, int signal);

    private sealed class KilledWhileBilling(string instant) : IBillingObserver
    {
        public void Committing(Guid tenantId) => At(tenantId, nameof(Committing));

        public void Committed(Guid tenantId) => At(tenantId, nameof(Committed));

        private void At(Guid tenantId, string reached)
        {
            if (reached != instant) return;
            Console.WriteLine($"{WorkerProcess.Reached} {tenantId}");
            Console.Out.Flush();
            _ = SendSignal(CurrentThread(), (int)Signal.Kill);
        }
    }

    private sealed class KilledAfterStep(string last) : IDeletionObserver
    {
        public void Done(Guid tenantId, string step)
        {
            if (step != last) return;
            Console.WriteLine($"{WorkerProcess.Reached} {tenantId}");
            Console.Out.Flush();
            _ = SendSignal(CurrentThread(), (int)Signal.Kill);
        }
    }

    private sealed class SignalingObserver(int stage, StageInstant instant, Signal signal) : IStageObserver
    {
        public void Starting(StageProgress progress) => At(progress, StageInstant.Before);

        public void Executed(StageProgress progress) => At(progress, StageInstant.Executed);

        public void Recorded(StageProgress progress) => At(progress, StageInstant.After);

        public void Failed(StageProgress progress, Exception exception)
        {
            // Only instants that a run without errors has are of interest.
        }

        private void At(StageProgress progress, StageInstant reached)
        {
            if (progress.Number != stage || reached != instant) return;
            Console.WriteLine($"{WorkerProcess.Reached} {progress.Tenant.Id}");
            Console.Out.Flush();
            // To this thread, which therefore does not get past the call; the whole process ends or freezes with it.
            _ = SendSignal(CurrentThread(), (int)signal);
        }
    }
}
