using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Tests.NativeHosting;

public sealed class ParameterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-parameters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_generated_secret_is_made_once_and_only_its_owner_can_read_it()
    {
        var first = await ValueAsync(Describe().AddParameter("key", new GenerateParameterDefault { MinLength = 40 }, secret: true, persist: true));
        var second = await ValueAsync(Describe().AddParameter("key", new GenerateParameterDefault { MinLength = 40 }, secret: true, persist: true));

        Assert.Equal(40, first.Length);
        Assert.Equal(first, second);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "secrets.json")));
    }

    [Fact]
    public async Task Configuration_wins_over_every_default()
    {
        var builder = Describe("--Parameters:key=a", "--Parameters:other_key=b");

        Assert.Equal("a", await ValueAsync(builder.AddParameter("key", "default")));
        Assert.Equal("b", await ValueAsync(builder.AddParameter("other-key", new GenerateParameterDefault(), persist: true)));
    }

    [Fact]
    public async Task A_missing_parameter_says_how_to_give_it()
    {
        var parameter = Describe().AddParameter("api-key-pepper", secret: true);

        var exception = await Assert.ThrowsAsync<MissingParameterValueException>(() => ValueAsync(parameter));

        Assert.Equal(
            "The parameter 'api-key-pepper' is missing: set Parameters__api_key_pepper in the environment or Parameters:api-key-pepper in configuration.",
            exception.Message);
    }

    [Fact]
    public void Generated_values_keep_to_the_characters_asked_for()
    {
        var rule = new GenerateParameterDefault { MinLength = 200, Special = false, Upper = false, MinNumeric = 50, MinLower = 50 };

        var value = rule.GetDefaultValue();

        Assert.Equal(200, value.Length);
        Assert.All(value, character => Assert.True(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character)));
        Assert.True(value.Count(char.IsAsciiDigit) >= 50);
        Assert.True(value.Count(char.IsAsciiLetterLower) >= 50);
        Assert.NotEqual(value, rule.GetDefaultValue());
    }

    [Fact]
    public async Task A_secrets_file_that_was_broken_is_not_silently_replaced()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "secrets.json"), "{ half", TestContext.Current.CancellationToken);
        var parameter = Describe().AddParameter("key", new GenerateParameterDefault(), persist: true);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => ValueAsync(parameter));
    }

    [Fact]
    public async Task A_connection_string_comes_from_configuration()
    {
        var connection = Describe("--ConnectionStrings:reports=Server=x").AddConnectionString("reports");

        Assert.Equal("Server=x", await connection.Resource.GetConnectionStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> ValueAsync(IResourceBuilder<ParameterResource> parameter) =>
        (await parameter.Resource.GetValueAsync(TestContext.Current.CancellationToken))!;

    private IDistributedApplicationBuilder Describe(params string[] settings) => Stack.Describe(_folder, settings);
}
