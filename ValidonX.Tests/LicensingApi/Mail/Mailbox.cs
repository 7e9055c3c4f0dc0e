using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Mail;

/// <summary>The mails to one address, as an operator reads them in the outbox.</summary>
internal sealed partial class Mailbox(Func<string, Task<Answer>> get, string address)
{
    public Mailbox(ApiCaller @operator, string address)
        : this(@operator.GetAsync, address)
    {
    }

    public string Address { get; } = address;

    /// <summary>All of them, newest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> MailsAsync() =>
        [.. (await get($"/v1/admin/outbox?limit=100&to={Uri.EscapeDataString(Address)}")).ShouldBe(200).Data.AsArray().Select(mail => mail!)];

    /// <summary>Their subjects, newest first.</summary>
    public async Task<IReadOnlyList<string>> SubjectsAsync() => [.. (await MailsAsync()).Select(mail => (string)mail["subject"]!)];

    /// <summary>The token in the link of the newest mail that has one.</summary>
    public async Task<string> TokenAsync() =>
        (await MailsAsync()).Select(mail => Link().Match((string)mail["text"]!)).First(match => match.Success).Groups[1].Value;

    [GeneratedRegex("[?&]token=([A-Za-z0-9_-]+)")]
    private static partial Regex Link();
}
