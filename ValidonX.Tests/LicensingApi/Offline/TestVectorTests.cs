using System.Text.RegularExpressions;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>The test vectors of docs/offline.md, by which other implementations are judged, are what the page says of them.</summary>
public sealed class TestVectorTests
{
    private static readonly string Page = RepositoryFile.Read("docs/offline.md");
    private static readonly string[] Blocks = [.. Regex.Matches(Page[Page.IndexOf("## Test vectors", StringComparison.Ordinal)..], "```(?:json)?\n(.*?)\n```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    [Fact]
    public void The_lease_is_good_then_in_grace_then_ended_and_revoked_once_the_list_says_so()
    {
        var (keys, lease, revocations) = (Blocks[0], Blocks[1], Blocks[2]);
        var tenant = Guid.Parse((string)Jose.Verify(lease, keys, "vx-lease+jwt")!["aud"]!);
        var app = new OfflineApp(tenant, keys, "workstation-7");

        Assert.Equal(
            [OfflineVerdict.Good, OfflineVerdict.GoodInGrace, OfflineVerdict.Ended],
            Regex.Match(Page, @"Lease, \*good\* at (\d+), \*good, in grace\* at (\d+), \*ended\* at (\d+)").Groups.Values.Skip(1)
                .Select(at => app.Judge(lease, DateTimeOffset.FromUnixTimeSeconds(long.Parse(at.Value, null)))));
        app.Revocations = revocations;
        Assert.Equal(OfflineVerdict.Revoked, app.Judge(lease, DateTimeOffset.FromUnixTimeSeconds(1798761600)));
        Assert.Equal(OfflineVerdict.Foreign, new OfflineApp(tenant, keys, "workstation-8").Judge(lease, DateTimeOffset.FromUnixTimeSeconds(1798761600)));
    }

    [Fact]
    public void The_file_opens_with_its_license_key_only()
    {
        var (keys, file) = (Blocks[0], OfflineApp.ContentOf(Blocks[3] + "\n"));
        var id = Regex.Match(Page, @"the license's id `([0-9a-f-]+)`").Groups[1].Value;

        var content = Jose.Decrypt(file, "ACME-2026-000042", id)!;

        Assert.Equal(id, (string?)Jose.Verify(content, keys, "vx-license+jwt")!["sub"]);
        Assert.Null(Jose.Decrypt(file, "ACME-2026-000043", id));
    }
}
