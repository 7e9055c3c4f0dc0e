using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Bulk;

/// <summary>Uploads of licenses.</summary>
internal static class Upload
{
    public const string Path = "/v1/tenant/licenses/import";

    public const string Csv = "text/csv";

    public const string Lines = "application/x-ndjson";

    /// <summary>Sends a file.</summary>
    public static Task<Answer> ImportAsync(this ApiCaller caller, string text, string type = Csv, string? key = null) => caller.ImportAsync(Encoding.UTF8.GetBytes(text), type, key);

    /// <summary>Sends a file.</summary>
    public static Task<Answer> ImportAsync(this ApiCaller caller, byte[] bytes, string type = Csv, string? key = null) => caller.ImportAsync(Content(new MemoryStream(bytes), type), key);

    /// <summary>Sends a file as it is made.</summary>
    public static Task<Answer> ImportAsync(this ApiCaller caller, HttpContent content, string? key = null) =>
        caller.SendAsync(HttpMethod.Post, Path, content, key is null ? [] : [("Idempotency-Key", key)]);

    /// <summary>A file's content.</summary>
    public static HttpContent Content(Stream stream, string type)
    {
        var content = new StreamContent(stream);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>JSON lines with keys of one beginning.</summary>
    public static string LinesOf(int count, string prefix, int from = 0) =>
        string.Concat(Enumerable.Range(from, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{{\"key\":\"{prefix}-{number:D6}\",\"entitlements\":{{\"seats\":{number}}}}}\n")));

    /// <summary>The import of an answer.</summary>
    public static (Guid Id, string Status, long Rows, long Created, long Failed) Import(this Answer answer)
    {
        var import = answer.Data["import"]!;
        return (Guid.Parse((string)import["id"]!), (string)import["status"]!, (long)import["rows"]!, (long)import["created"]!, (long)import["failed"]!);
    }

    /// <summary>The rows that failed, with what is wrong with each as JSON.</summary>
    public static async Task<IReadOnlyDictionary<long, string>> ErrorsOfAsync(this ApiCaller caller, Guid import) =>
        (await caller.GetAsync($"/v1/tenant/licenses/imports/{import}/errors?limit=1000")).ShouldBe(200).Data.AsArray()
        .ToDictionary(row => (long)row!["row"]!, row => row!["errors"]!.ToJsonString(Readable));

    private static readonly System.Text.Json.JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A body that is sent in pieces, when the test says so; or never to its end.</summary>
internal sealed class SlowStream : Stream
{
    private readonly System.Threading.Channels.Channel<byte[]?> _pieces = System.Threading.Channels.Channel.CreateUnbounded<byte[]?>();
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Sends text.</summary>
    public void Send(string text) => _pieces.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends the body.</summary>
    public void End() => _pieces.Writer.TryComplete();

    /// <summary>Hangs up in the midst of it.</summary>
    public void HangUp() => _pieces.Writer.TryWrite(null);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }

            if (_pieces.Reader.TryRead(out var piece))
            {
                _rest = piece ?? throw new IOException("The client hangs up.");
            }
        }

        var count = Math.Min(_rest.Length, buffer.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // There is nothing to flush.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
