using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Schema;

namespace ValidonX.Provisioner.Runs;

/// <summary>What operators read about a stage that threw: a sentence of ours, never an exception's text, which may name hosts or accounts.</summary>
internal static class StageFailure
{
    /// <summary>The failure of a stage.</summary>
    public static JobFailedException Of(string stage, Exception exception) =>
        exception switch
        {
            JobFailedException known => new JobFailedException($"Stage {stage} failed: {known.Message}", known.IsPermanent, known.InnerException),
            SchemaChangedException => new JobFailedException(
                $"Stage {stage} failed: the tenant database's schema history does not match this version of the platform.", isPermanent: true, exception),
            _ when DatabaseError.IsUnavailable(exception) => new JobFailedException($"Stage {stage} failed: a database server does not answer.", inner: exception),
            _ when DatabaseError.IsAccessDenied(exception) || DatabaseError.IsUnknownRole(exception) => new JobFailedException(
                $"Stage {stage} failed: the database server denied it.", inner: exception),
            _ => new JobFailedException($"Stage {stage} failed unexpectedly; the provisioner's log tells why.", inner: exception),
        };
}
