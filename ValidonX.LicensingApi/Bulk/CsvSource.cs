using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Comma-separated values (RFC 4180) with a head line, in UTF-8 with or without a byte order mark, with any line ends.</summary>
internal sealed class CsvSource : ImportSource
{
    private const int BufferSize = 32 * 1024;

    private readonly CsvParser _parser;
    private readonly BoundedReader _reader;
    private readonly CsvColumns _columns;
    private readonly Quotes _quotes;

    private CsvSource(CsvParser parser, BoundedReader reader, CsvColumns columns, Quotes quotes)
        : base("csv", columns.Head) =>
        (_parser, _reader, _columns, _quotes) = (parser, reader, columns, quotes);

    /// <summary>Reads the head line.</summary>
    /// <exception cref="ApiException">422: it is not one of licenses.</exception>
    public static async Task<CsvSource> OpenAsync(Stream body, CancellationToken cancellationToken)
    {
        var quotes = new Quotes();
        // Decoded with the replacement character where the bytes are no text, so that one bad name spoils its row alone.
        var reader = new BoundedReader(new StreamReader(body, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, BufferSize), ImportLimits.RowLength, cancellationToken);
        var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { BufferSize = BufferSize, BadDataFound = _ => quotes.AreBad = true });
        try
        {
            return await parser.ReadAsync() && parser.Record is { } head
                ? new CsvSource(parser, reader, CsvColumns.Of(head), quotes)
                : throw new ApiException(ApiErrors.ValidationFailed(CsvColumns.HeadLine, "There is none."));
        }
        catch (RowTooLongException)
        {
            throw new ApiException(ApiErrors.ValidationFailed(CsvColumns.HeadLine, "It is too long."));
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ImportRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _reader.BeginRow();
            ImportRow? row;
            try
            {
                row = await _parser.ReadAsync() ? Row() : null;
            }
            catch (RowTooLongException)
            {
                row = ImportRow.End($"The row is longer than {ImportLimits.RowLength / 1024} thousand characters: is a quotation mark not closed? Nothing behind it was read.");
            }

            if (row is null)
            {
                yield break;
            }

            yield return row;
            if (row.IsEnd)
            {
                yield break;
            }
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _parser.Dispose();
        _columns.Dispose();
        return base.DisposeAsync();
    }

    private ImportRow Row()
    {
        _quotes.AreBad = false;
        var cells = _parser.Record!;
        return _quotes.AreBad
            ? ImportRow.Bad(Encoding.UTF8.GetBytes(string.Join('\u001f', cells)), "There is a quotation mark where none may be; double those within a text, and put the whole text into quotation marks.")
            : _columns.Read(cells);
    }

    private sealed class Quotes
    {
        public bool AreBad { get; set; }
    }
}
