using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.Provisioner.Mail;

/// <summary>A mail server as far as a test needs one: takes mails over SMTP, or does as the test says.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public SmtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The mails that it has taken, as they came.</summary>
    public ConcurrentQueue<string> Mails { get; } = [];

    /// <summary>What it answers to a recipient.</summary>
    public Func<string, string> Recipient { get; set; } = _ => "250 OK";

    /// <summary>What happens once a mail is there whole and before it is said so.</summary>
    public Func<string, Task> Arrived { get; set; } = _ => Task.CompletedTask;

    /// <summary>The mails to an address.</summary>
    public IReadOnlyList<string> To(string address) => [.. Mails.Where(mail => mail.Contains($"To: {address}", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAny(_accepting);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.UTF8);
                await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 test");
                while (await reader.ReadLineAsync(_stop.Token) is { } line && await AnswerAsync(line, reader, writer))
                {
                    // Until the client says good-bye.
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or was killed.
        }
    }

    private async Task<bool> AnswerAsync(string line, StreamReader reader, StreamWriter writer)
    {
        switch (line.Split(' ')[0].ToUpperInvariant())
        {
            case "RCPT":
                await writer.WriteLineAsync(Recipient(line));
                return true;
            case "DATA":
                await writer.WriteLineAsync("354 go on");
                var mail = new StringBuilder();
                while (await reader.ReadLineAsync(_stop.Token) is { } text && text != ".")
                {
                    mail.Append(text).Append('\n');
                }

                Mails.Enqueue(mail.ToString());
                await Arrived(mail.ToString());
                await writer.WriteLineAsync("250 taken");
                return true;
            case "QUIT":
                await writer.WriteLineAsync("221 bye");
                return false;
            default:
                await writer.WriteLineAsync("250 OK");
                return true;
        }
    }
}
