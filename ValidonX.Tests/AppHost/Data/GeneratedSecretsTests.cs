using Aspire.Hosting;
using ValidonX.AppHost.Data;
using ValidonX.Tests.Hosting;

namespace ValidonX.Tests.AppHost.Data;

public sealed class GeneratedSecretsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_secret_is_made_once_and_only_its_owner_can_read_it()
    {
        var first = Secret("key");

        Assert.Equal(40, first.Length);
        Assert.All(first, character => Assert.True(char.IsAsciiLetterOrDigit(character)));
        Assert.Equal(first, Secret("key"));
        Assert.NotEqual(first, Secret("other"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "secrets.json")));
    }

    [Fact]
    public void A_file_that_was_broken_is_not_silently_replaced()
    {
        File.WriteAllText(Path.Combine(_folder, "secrets.json"), "{ half");

        Assert.Contains("restore the file", Assert.Throws<DistributedApplicationException>(() => Secret("key")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_secrets_are_not_made_for_old_data()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));

        Assert.Contains("restore the file", Assert.Throws<DistributedApplicationException>(() => Secret("key")).Message, StringComparison.Ordinal);
    }

    // Each time as a stack that starts anew.
    private string Secret(string name) => DataFolder.AddTo(HostedServers.Describe(_folder)).Secrets.Default(name, length: 40).GetDefaultValue();
}
