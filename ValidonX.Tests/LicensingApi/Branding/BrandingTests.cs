using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using ValidonX.LicensingApi.Branding;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Branding;

/// <summary>CONTRACT §6, <c>/v1/tenant/branding</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class BrandingTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/branding";
    private const string Logo = $"{Path}/logo";

    [Fact]
    public async Task Branding_is_neutral_until_it_is_set_and_only_what_was_seen_is_replaced()
    {
        var tenant = await platform.CreateTenantAsync();
        var fresh = (await tenant.User(TenantRole.Viewer).GetAsync(Path)).ShouldBe(200);
        Assert.Equal(
            $$"""{"display_name":"{{tenant.Slug}}","primary_color":"#2563eb","accent_color":"#f59e0b","background_color":"#ffffff","custom_css":null,"logo":null}""",
            fresh.Data.ToJsonString());

        var set = (await PutAsync(tenant.Owner, new { display_name = "Äcme <b>", primary_color = "#ABCDEF", custom_css = "h1 { color: #123456 }" }, fresh.Header("ETag")!)).ShouldBe(200);
        Assert.Equal(("Äcme <b>", "#abcdef"), ((string)set.Data["display_name"]!, (string)set.Data["primary_color"]!));
        Assert.StartsWith(".vx-branded h1 {", (string?)set.Data["custom_css"], StringComparison.Ordinal);
        (await PutAsync(tenant.Owner, new { display_name = "Other" }, fresh.Header("ETag")!)).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        (await tenant.Owner.PutAsync(Path, new { display_name = "Other" })).ShouldBe(428, "REQUEST.PRECONDITION_REQUIRED");
        var back = (await PutAsync(tenant.Owner, new { display_name = "Acme" }, set.Header("ETag")!)).ShouldBe(200);
        Assert.Null(back.Data["custom_css"]);
        (await PutAsync(tenant.User(TenantRole.Developer), new { display_name = "x" }, "*")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
    }

    [Fact]
    public async Task Bad_branding_is_told_all_at_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await PutAsync(
            tenant.Owner, new { primary_color = "red", accent_color = "#12345", custom_css = "p { position: fixed; background: url(x) } @import 'x';" }, "*")).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["accent_color", "custom_css", "display_name", "primary_color"], answer.Details.AsObject().Select(field => field.Key));
        Assert.True(answer.Details["custom_css"]!.AsArray().Count >= 2, answer.ToString());
    }

    [Fact]
    public async Task A_logo_is_served_as_what_its_bytes_say_and_runs_nothing()
    {
        var (tenant, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var png = Png(64, 32);

        var set = (await UploadAsync(tenant.Owner, png, "image/jpeg")).ShouldBe(200).Data["logo"]!;
        Assert.Equal(("image/png", 64, 32, png.Length), ((string)set["media_type"]!, (int)set["width"]!, (int)set["height"]!, (int)set["bytes"]!));

        using var request = new HttpRequestMessage(HttpMethod.Get, Logo);
        request.Headers.Add("X-ValidonX-Internal-Context", tenant.SignForOwner("GET", Logo));
        using var served = await platform.Replicas[1].Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)served.StatusCode);
        Assert.Equal(png, await served.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("image/png", served.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", served.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; sandbox", served.Headers.GetValues("Content-Security-Policy").Single());
        (await other.Owner.GetAsync(Logo)).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Null((await tenant.Owner.DeleteAsync(Logo)).ShouldBe(200).Data["logo"]);
        (await tenant.Owner.GetAsync(Logo)).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task What_is_no_whole_image_of_the_right_size_is_refused()
    {
        var tenant = await platform.CreateTenantAsync();
        var png = Png(64, 64);
        byte[][] bad =
        [
            [], [0x89, 0x50], Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), Encoding.UTF8.GetBytes("GIF89a0000000000000000"),
            Png(15, 64), Png(64, 2_049), [.. png, .. "<script>"u8], png[..^4], [.. png[..20], .. png[24..]], [0xFF, 0xD8, 0xFF, 0xD9],
        ];

        foreach (var file in bad)
        {
            (await UploadAsync(tenant.Owner, file, "image/png")).ShouldBe(422, "VALIDATION.FAILED");
        }

        (await UploadAsync(tenant.Owner, [.. png, .. new byte[LogoImage.MaximumBytes]], "image/png")).ShouldBe(413, "REQUEST.TOO_LARGE");
        Assert.Equal("image/png", (string?)(await UploadAsync(tenant.Owner, png, "image/svg+xml")).ShouldBe(200).Data["logo"]!["media_type"]);
        (await UploadAsync(tenant.User(TenantRole.Developer), png, "image/png")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
    }

    [Fact]
    public void The_three_kinds_are_known_by_their_bytes()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 50, 0, 60, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xFF, 0xD9];
        byte[] extended = [.. "RIFF"u8, 22, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 59, 0, 0, 49, 0, 0];

        Assert.Equal(new LogoImage(LogoImage.Jpeg, 60, 50), LogoImage.Of(jpeg));
        Assert.Equal(new LogoImage(LogoImage.WebP, 60, 50), LogoImage.Of(extended));
        Assert.Equal(new LogoImage(LogoImage.Png, 60, 50), LogoImage.Of(Png(60, 50)));
        foreach (var file in (byte[][])[jpeg, extended, Png(60, 50)])
        {
            for (var length = 0; length < file.Length; length++)
            {
                Assert.Null(LogoImage.Of(file.AsSpan(0, length)));
            }
        }

        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. i % 2 == 0 ? jpeg : extended];
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            _ = LogoImage.Of(changed);
        }
    }

    private static Task<Answer> PutAsync(ApiCaller caller, object branding, string seen) => caller.SendAsync(HttpMethod.Put, Path, branding, ("If-Match", seen));

    private static Task<Answer> UploadAsync(ApiCaller caller, byte[] file, string type)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return caller.SendAsync(HttpMethod.Put, Logo, content);
    }

    /// <summary>A gray image.</summary>
    internal static byte[] Png(int width, int height)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(new byte[(width + 1) * height]);
        }

        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        head[8] = 8;
        return [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR"u8, head), .. Chunk("IDAT"u8, data.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = [0, 0, 0, 0, .. type, .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        var crc = uint.MaxValue;
        foreach (var one in chunk.AsSpan(4, 4 + data.Length))
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), ~crc);
        return chunk;
    }
}
