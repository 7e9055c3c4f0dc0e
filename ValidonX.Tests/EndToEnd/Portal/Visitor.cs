using System.Net;
using System.Text.RegularExpressions;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>A browser without a screen: keeps cookies, follows nothing, sends forms as they are.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    private Visitor(HttpClient http) => _http = http;

    /// <summary>Opens one.</summary>
    /// <param name="host">The host in the address bar; the portal's own by default.</param>
    public static async Task<Visitor> OpenAsync(string? host = null) =>
        new(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = (await Stack.GetAsync()).Portal }) { Host = host };

    /// <summary>The host in the address bar; null is the portal's own.</summary>
    public string? Host
    {
        get => _http.DefaultRequestHeaders.Host;
        set => _http.DefaultRequestHeaders.Host = value;
    }

    public void Dispose() => _http.Dispose();

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path, TestContext.Current.CancellationToken);

    public async Task<string> TextAsync(string path) => WebUtility.HtmlDecode(await _http.GetStringAsync(path, TestContext.Current.CancellationToken));

    /// <summary>Sends a form of a page, with the page's own token.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="page">The page that it is on.</param>
    /// <param name="fields">Its fields.</param>
    public async Task<HttpResponseMessage> PostAsync(string path, string page, IReadOnlyList<(string Name, string Value)> fields)
    {
        var token = Token().Match(await _http.GetStringAsync(page, TestContext.Current.CancellationToken)).Groups[1].Value;
        return await SendAsync(path, [.. fields, ("__RequestVerificationToken", token)]);
    }

    /// <summary>Fills in a form of a page and sends it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="form">The form's name.</param>
    /// <param name="fields">Its fields.</param>
    /// <returns>The page that comes back, or the address that the answer leads to.</returns>
    public async Task<string> FillAsync(string page, string form, params IReadOnlyList<(string Name, string Value)> fields)
    {
        using var answer = await PostAsync(page, page, [("_handler", form), .. fields]);
        return answer.Headers.Location is { } elsewhere
            ? elsewhere.IsAbsoluteUri ? elsewhere.PathAndQuery : elsewhere.ToString()
            : WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Chooses a file in a form of a page and sends it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="form">The form's name.</param>
    /// <param name="field">The field that takes the file.</param>
    /// <param name="name">What the file is called.</param>
    /// <param name="file">The file.</param>
    /// <returns>The page that comes back.</returns>
    public async Task<string> UploadAsync(string page, string form, string field, string name, byte[] file)
    {
        using var content = new MultipartFormDataContent
        {
            { new StringContent(Token().Match(await _http.GetStringAsync(page, TestContext.Current.CancellationToken)).Groups[1].Value), "__RequestVerificationToken" },
            { new StringContent(form), "_handler" },
            { new ByteArrayContent(file), field, name },
        };
        using var answer = await _http.PostAsync(page, content, TestContext.Current.CancellationToken);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a form as another site could.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, IReadOnlyList<(string Name, string Value)> fields) =>
        _http.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), TestContext.Current.CancellationToken);

    /// <summary>Somebody with a company, signed in.</summary>
    public static async Task<Visitor> EnterAsync(Vendor vendor)
    {
        var visitor = await OpenAsync();
        using var answer = await visitor.SignInAsync(vendor.Email, vendor.Password);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        return visitor;
    }

    /// <summary>An operator of one's own, signed in.</summary>
    public static async Task<Visitor> OperateAsync() => await OperateAsync(await (await Stack.GetAsync()).NewOperatorAsync());

    /// <summary>This operator, signed in.</summary>
    public static async Task<Visitor> OperateAsync(StackOperator who)
    {
        var visitor = await OpenAsync();
        Assert.Equal("/operations", await visitor.FillAsync("/sign-in", "sign-in", ("Email", who.Email), ("Password", who.Password), ("Kind", "operators")));
        return visitor;
    }

    public Task<HttpResponseMessage> SignInAsync(string email, string password, string? then = null)
    {
        var page = then is null ? "/sign-in" : $"/sign-in?ReturnUrl={Uri.EscapeDataString(then)}";
        return PostAsync(page, page, [("_handler", "sign-in"), ("Email", email), ("Password", password), ("Kind", "vendors")]);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
