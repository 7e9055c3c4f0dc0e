namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Takes an answer in, also when the caller for whom it is written has gone: it is kept for the caller's return.</summary>
internal sealed class AnswerBuffer : MemoryStream
{
    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        base.WriteAsync(buffer, offset, count, CancellationToken.None);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.WriteAsync(buffer, CancellationToken.None);

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
