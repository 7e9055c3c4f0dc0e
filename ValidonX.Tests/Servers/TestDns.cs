using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.Servers;

/// <summary>A name server that knows the TXT records that tests give it: real datagrams (RFC 1035) on a free port of the loopback.</summary>
internal sealed class TestDns : IAsyncDisposable
{
    private const int HeaderBytes = 12;
    private const ushort Response = 0x8180;
    private const ushort ServerFailure = 2;
    private const ushort NoSuchName = 3;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<string, string[]> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _broken = new(StringComparer.OrdinalIgnoreCase);
    private readonly Task _answering;

    public TestDns() => _answering = Task.Run(AnswerAsync);

    /// <summary>Where it is asked.</summary>
    public string Address => _socket.Client.LocalEndPoint!.ToString()!;

    /// <summary>From now on these are the texts of a name.</summary>
    public void Set(string name, params string[] texts) => _texts[name] = texts;

    /// <summary>From now on it fails when it is asked for the name, or says nothing at all.</summary>
    public void Break(string name, bool isSilent = false) => _broken[name] = isSilent;

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var asked = await _socket.ReceiveAsync();
                if (Answer(asked.Buffer) is { } answer)
                {
                    await _socket.SendAsync(answer, asked.RemoteEndPoint);
                }
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private byte[]? Answer(byte[] question)
    {
        var (name, end) = Name(question);
        var isBroken = _broken.TryGetValue(name, out var isSilent);
        if (isBroken && isSilent)
        {
            return null;
        }

        var texts = isBroken ? [] : _texts.GetValueOrDefault(name) ?? [];
        var code = isBroken ? ServerFailure : texts.Length == 0 ? NoSuchName : (ushort)0;
        using var answer = new MemoryStream();
        answer.Write(question.AsSpan(0, 2));
        Write(answer, (ushort)(Response | code), 1, (ushort)texts.Length, 0, 0);
        answer.Write(question.AsSpan(HeaderBytes, end - HeaderBytes));
        foreach (var text in texts)
        {
            var pieces = Encoding.UTF8.GetBytes(text).Chunk(255).ToList();
            // The name by a pointer to the question's; TXT, IN, not to be kept.
            Write(answer, 0xC00C, 16, 1, 0, 0, (ushort)pieces.Sum(piece => piece.Length + 1));
            foreach (var piece in pieces)
            {
                answer.WriteByte((byte)piece.Length);
                answer.Write(piece);
            }
        }

        return answer.ToArray();
    }

    private static (string Name, int End) Name(byte[] question)
    {
        var labels = new List<string>();
        var at = HeaderBytes;
        for (; question[at] > 0; at += question[at] + 1)
        {
            labels.Add(Encoding.ASCII.GetString(question, at + 1, question[at]));
        }

        // Behind the name: its end, the type and the class.
        return (string.Join('.', labels), at + 5);
    }

    private static void Write(Stream stream, params ReadOnlySpan<ushort> words)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (var word in words)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, word);
            stream.Write(bytes);
        }
    }
}
