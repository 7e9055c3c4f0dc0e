using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Onboarding;

/// <summary>A stream of server-sent events about a run, as who watches reads it.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    /// <summary>Comments that came so far: the stream saying that it is still there.</summary>
    public int Heartbeats { get; private set; }

    public HttpResponseMessage Response => _response;

    public static async Task<EventStream> OfAsync(HttpResponseMessage response) =>
        new(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string Id, string Name, string Status)> NextAsync() => await ReadAsync() ?? throw new EndOfStreamException("The stream has ended.");

    public async Task<IReadOnlyList<(string Id, string Name, string Status)>> ToEndAsync()
    {
        var all = new List<(string, string, string)>();
        while (await ReadAsync() is { } told)
        {
            all.Add(told);
        }

        return all;
    }

    /// <summary>Reads on until it has said so often that it is there.</summary>
    public async Task HeartbeatsAsync(int atLeast)
    {
        while (Heartbeats < atLeast)
        {
            Count(await LineAsync() ?? throw new EndOfStreamException("The stream has ended."));
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(string Id, string Name, string Status)?> ReadAsync()
    {
        string id = "", name = "", data = "";
        while (await LineAsync() is { } line)
        {
            Count(line);
            switch (line.Split(": ", 2))
            {
                case ["id", var value]:
                    id = value;
                    break;
                case ["event", var value]:
                    name = value;
                    break;
                case ["data", var value]:
                    data = value;
                    break;
                case [""] when data.Length > 0:
                    return (id, name, (string)JsonNode.Parse(data)!["status"]!);
            }
        }

        return null;
    }

    private void Count(string line) => Heartbeats += line.StartsWith(':') ? 1 : 0;

    private Task<string?> LineAsync() => _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
}
