namespace ValidonX.LicensingApi.Bulk;

/// <summary>A row is longer than it may be.</summary>
internal sealed class RowTooLongException : Exception;

/// <summary>Hands text on as long as no row of it is longer than that: the parser holds a row as a whole, and one whose quotation mark is never closed is all that follows.</summary>
/// <param name="text">The text.</param>
/// <param name="longest">Most characters of a row.</param>
/// <param name="cancellationToken">Ends a read, for which the parser has no token.</param>
internal sealed class BoundedReader(StreamReader text, int longest, CancellationToken cancellationToken) : TextReader
{
    private long _given;

    /// <summary>A row has been read, and with it all of what was given; what the parser has already of the next one counts as its.</summary>
    public void BeginRow() => _given = 0;

    /// <inheritdoc/>
    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken unused = default)
    {
        if (_given > longest)
        {
            throw new RowTooLongException();
        }

        var read = await text.ReadAsync(buffer, cancellationToken);
        _given += read;
        return read;
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("The text comes from a network and is not waited for by a thread.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            text.Dispose();
        }

        base.Dispose(disposing);
    }
}
