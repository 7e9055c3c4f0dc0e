using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.Gateway;

/// <summary>Sends bytes that no HTTP client would, and reads what comes back until the server closes.</summary>
internal static class RawHttp
{
    public static async Task<(int Status, string Head, string Body)> SendAsync(Uri address, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var stream = socket.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
            await stream.CopyToAsync(answer).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            // The server may close while we are still sending; what it answered before counts.
        }

        var text = Encoding.UTF8.GetString(answer.ToArray());
        Assert.StartsWith("HTTP/1.1 ", text, StringComparison.Ordinal);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..end], text[(end + 4)..]);
    }
}
