using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace ValidonX.Gateway.Headers;

/// <summary>
/// The output of one connection. It passes everything on, until an answer of ours takes the place of the one that the server is about to
/// write; that one is then discarded.
/// </summary>
internal sealed class RejectionOutput(PipeWriter inner) : PipeWriter
{
    private byte[]? _answer;
    private byte[] _discarded = [];
    private bool _isSent;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    /// <summary>Connection middleware that puts itself between the server and the socket.</summary>
    public static ConnectionDelegate Insert(ConnectionDelegate next) =>
        connection =>
        {
            var output = new RejectionOutput(connection.Transport.Output);
            connection.Features.Set(output);
            connection.Transport = new Duplex(connection.Transport.Input, output);
            return next(connection);
        };

    /// <summary>From now on the answer is sent instead of whatever is written.</summary>
    public void Replace(byte[] answer) => _answer ??= answer;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _answer is null ? inner.GetMemory(sizeHint) : Discard(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _answer is null ? inner.GetSpan(sizeHint) : Discard(sizeHint);

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            inner.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_answer is not null && !_isSent)
        {
            _isSent = true;
            inner.Write(_answer);
        }

        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private byte[] Discard(int sizeHint)
    {
        if (_discarded.Length < Math.Max(sizeHint, 1))
        {
            _discarded = new byte[Math.Max(sizeHint, 4096)];
        }

        return _discarded;
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
