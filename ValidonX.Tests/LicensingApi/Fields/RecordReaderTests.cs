using System.Text.Json;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.LicensingApi.Fields;

/// <summary>A request's fields are read into its record, or all that is wrong with them is told at once.</summary>
public sealed class RecordReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 3, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Good_fields_are_read_and_unknown_ones_ignored()
    {
        var id = Guid.CreateVersion7();

        var (read, errors) = Read(
            $$"""
            {"name":" ä ","number":9007199254740993,"small":3,"time":"2026-04-03T12:00:00+02:00","id":"{{id}}","email":" A@B.c","list":["x"],"object":{"a": 1},
             "color":"dark_red","truth":false,"fingerprint":"f","items":[{"email":"a@b.c"}],"cluster":null,"null":null,"unknown":[1]}
            """);

        Assert.Empty(errors);
        Assert.Equal("ä", read.Name);
        Assert.Equal(9007199254740993, read.Number);
        Assert.Equal(3, read.Small);
        Assert.Equal(Now, read.Time);
        Assert.Equal(id, read.Id);
        Assert.Equal("a@b.c", read.Email?.Value);
        Assert.Equal(["x"], read.List);
        Assert.Equal("{\"a\": 1}", read.Object.Text);
        Assert.Equal(Color.DarkRed, read.Color);
        Assert.False(read.Truth);
        Assert.Equal("f", read.InstanceId);
        Assert.Equal("a@b.c", Assert.Single(read.Items!).Email.Value);
        Assert.True(read.Cluster.IsThere);
        Assert.Null(read.Cluster.Value);
    }

    [Fact]
    public void Absent_and_null_fields_keep_the_defaults_of_the_record()
    {
        var (read, errors) = Read("""{"name":"x","number":null,"truth":null,"color":null,"list":null}""");

        Assert.Empty(errors);
        Assert.Equal((7, 5, true, Color.Blue), (read.Number, read.Small, read.Truth, read.Color));
        Assert.Empty(read.List);
        Assert.False(read.Cluster.IsThere);
        Assert.Equal("as before", read.Cluster.Or("as before"));
    }

    [Fact]
    public void All_bad_fields_are_told_at_once_with_their_paths()
    {
        var (_, errors) = Read(
            """
            {"number":"7","small":11,"time":"yesterday","id":"7","email":"nobody","list":["a",7],"object":[],"color":"DarkRed","truth":"true",
             "instance_id":"\ud800","items":[{"email":"x"},{},null],"nested":{"number":0},"cluster":"   "}
            """);

        Assert.Equal(
            ["cluster", "color", "email", "id", "instance_id", "items.0.email", "items.1.email", "items.2", "list", "name", "nested.number", "number", "object", "small", "time", "truth"],
            errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Is required."], errors["name"]);
        Assert.Equal(["Must be one of: blue, dark_red."], errors["color"]);
    }

    [Fact]
    public void What_fits_only_with_the_moment_or_with_another_field_is_told_with_the_rest()
    {
        var (_, errors) = Read("""{"time":"2026-04-03T09:59:59Z"}""");

        Assert.Equal(["name", "time"], errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Must lie in the future."], errors["time"]);
    }

    [Theory]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("123456")]
    public void A_text_has_no_control_characters_and_a_bounded_length(string text) =>
        Assert.Equal(["name"], Read(JsonSerializer.Serialize(new { name = text })).Errors.Keys);

    [Theory]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("1e999")]
    [InlineData("92233720368547758070")]
    [InlineData("true")]
    [InlineData("[]")]
    public void A_whole_number_is_one_within_its_bounds(string number) =>
        Assert.Equal(["number"], Read($$"""{"name":"x","number":{{number}}}""").Errors.Keys);

    private static (Sample Read, IReadOnlyDictionary<string, IReadOnlyList<string>> Errors) Read(string json)
    {
        var errors = new FieldErrors();
        using var document = JsonDocument.Parse(json);
        var read = (Sample)RecordReader.Of(typeof(Sample)).Read(document.RootElement, new FieldPlace("", errors, IsQuery: false, Now));
        try
        {
            errors.ThrowIfAny();
        }
        catch (ApiException refused)
        {
            return (read, refused.Error.Details.ToDictionary(field => field.Key, field => (IReadOnlyList<string>)field.Value));
        }

        return (read, new Dictionary<string, IReadOnlyList<string>>());
    }

    private enum Color
    {
        Blue,
        DarkRed,
    }

    private sealed record Sample : IChecked
    {
        [Text(5)]
        public required string Name { get; init; }

        [Whole(0, long.MaxValue)]
        public long Number { get; init; } = 7;

        [Whole(1, 10)]
        public int Small { get; init; } = 5;

        public DateTimeOffset? Time { get; init; }

        public Guid? Id { get; init; }

        public EmailAddress? Email { get; init; }

        [Texts(1, 5, 5)]
        public IReadOnlyList<string> List { get; init; } = [];

        [Opaque(100)]
        public RawJson Object { get; init; } = RawJson.EmptyObject;

        public Color Color { get; init; }

        public bool Truth { get; init; } = true;

        [Text(10)]
        [Alias("fingerprint")]
        public string? InstanceId { get; init; }

        [Items(1, 3)]
        public IReadOnlyList<Item>? Items { get; init; }

        public Nested? Nested { get; init; }

        [Text(10)]
        public Given<string> Cluster { get; init; }

        public void Check(FieldPlace at)
        {
            if (Time < at.Now)
            {
                at.Of("time").Fail("Must lie in the future.");
            }
        }
    }

    private sealed record Item
    {
        public required EmailAddress Email { get; init; }
    }

    private sealed record Nested
    {
        [Whole(1, 3)]
        public int? Number { get; init; }
    }
}
