using System.Text;

namespace ValidonX.Benchmarks.Load;

/// <summary>Requests as the bytes that go over the wire.</summary>
internal static class PreparedRequest
{
    /// <summary>A validate call as a customer app sends it.</summary>
    public static byte[] Validate(string apiKey, string licenseKey) =>
        Encoding.ASCII.GetBytes(
            $"POST /v1/integration/licenses/{licenseKey}/validate HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {apiKey}\r\nAccept: application/json\r\nContent-Length: 0\r\n\r\n");

    /// <summary>A call with a body, as a customer app sends it.</summary>
    public static byte[] Post(string path, string apiKey, string body) => WithBody(path, $"X-API-Key: {apiKey}", body);

    /// <summary>A call with a body, as a tenant's user sends it.</summary>
    public static byte[] PostAsUser(string path, string token, string body) => WithBody(path, $"Authorization: Bearer {token}", body);

    /// <summary>Somebody tries a password.</summary>
    public static byte[] SignIn(string email)
    {
        var body = $$"""{"email":"{{email}}","password":"not the password"}""";
        return Encoding.ASCII.GetBytes(
            $"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static byte[] WithBody(string path, string credential, string body) =>
        Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{credential}\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
}
