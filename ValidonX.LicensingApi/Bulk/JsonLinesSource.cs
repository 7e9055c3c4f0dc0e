using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>JSON lines: one object a line. Blank lines are none; a line that is too long is passed over, without being held.</summary>
internal sealed class JsonLinesSource(PipeReader body) : ImportSource("ndjson", "")
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ImportRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var rows = new List<ImportRow>();
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Add(rows, buffer.Slice(0, end), ref isFirst);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                Add(rows, buffer, ref isFirst);
                buffer = buffer.Slice(buffer.End);
            }

            var isTooLong = buffer.Length > ImportLimits.RowLength;
            body.AdvanceTo(isTooLong ? buffer.End : buffer.Start, buffer.End);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (isTooLong)
            {
                yield return await SkipAsync(cancellationToken);
            }

            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    private static void Add(List<ImportRow> rows, ReadOnlySequence<byte> line, ref bool isFirst)
    {
        if (line.Length > ImportLimits.RowLength)
        {
            rows.Add(TooLong);
            isFirst = false;
            return;
        }

        var bytes = line.ToArray().AsMemory();
        if (isFirst && bytes.Span.StartsWith(ByteOrderMark))
        {
            bytes = bytes[ByteOrderMark.Length..];
        }

        isFirst = false;
        bytes = bytes.Trim(" \t\r"u8);
        if (bytes.Length > 0)
        {
            rows.Add(new ImportRow(bytes));
        }
    }

    private static ImportRow TooLong { get; } = ImportRow.Bad("too long"u8.ToArray(), $"The line is longer than {ImportLimits.RowLength / 1024} KiB.");

    /// <summary>Passes over the rest of a line.</summary>
    private async Task<ImportRow> SkipAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                body.AdvanceTo(read.Buffer.GetPosition(1, end));
                return TooLong;
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return TooLong;
            }
        }
    }
}
