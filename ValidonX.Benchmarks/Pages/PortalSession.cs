using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace ValidonX.Benchmarks.Pages;

/// <summary>Somebody signed in to the portal, without a browser.</summary>
internal sealed partial class PortalSession : IDisposable
{
    private readonly HttpClient _http;
    private readonly CookieContainer _cookies = new();

    private PortalSession(Uri portal) =>
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies, AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = portal };

    /// <summary>The cookies of the session, for a browser.</summary>
    public IEnumerable<Cookie> Cookies => _cookies.GetAllCookies();

    /// <summary>Signs in at the page for it.</summary>
    public static async Task<PortalSession> OpenAsync(Uri portal, string email, string password, bool isOperator)
    {
        var session = new PortalSession(portal);
        var page = await session._http.GetStringAsync(new Uri("/sign-in", UriKind.Relative));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["Email"] = email,
            ["Password"] = password,
            ["Kind"] = isOperator ? "operators" : "vendors",
            ["__RequestVerificationToken"] = Token().Match(page).Groups[1].Value,
        });
        using var answer = await session._http.PostAsync(new Uri("/sign-in", UriKind.Relative), form);
        return answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.Found or HttpStatusCode.SeeOther
            ? session
            : throw new InvalidOperationException($"Signing in as {email} was answered {answer.StatusCode}.");
    }

    /// <summary>Asks for a page.</summary>
    /// <returns>Milliseconds until it was there, and its size.</returns>
    public async Task<(double Milliseconds, int Bytes)> GetAsync(string path)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode == HttpStatusCode.OK
            ? (Stopwatch.GetElapsedTime(began).TotalMilliseconds, bytes.Length)
            : throw new InvalidOperationException($"{path} was answered {answer.StatusCode}.");
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
