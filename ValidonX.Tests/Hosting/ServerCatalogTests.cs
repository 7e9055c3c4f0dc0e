using ValidonX.Hosting.Servers;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Hosting;

/// <summary>Servers that were obtained are found again.</summary>
public sealed class ServerCatalogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-servers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task In_a_folder_that_was_moved_the_server_is_reached_again()
    {
        var obtained = Path.Combine(ServerPrograms.Shared, "servers");
        Assert.SkipUnless((await ServerPrograms.Redis).Path.StartsWith(obtained, StringComparison.Ordinal), "Redis is installed here as it is.");
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "servers", "bin")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "servers", "root"), Path.Combine(obtained, "root"));
        File.CreateSymbolicLink(Path.Combine(bin, "redis-server"), Path.Combine(_folder, "where-it-was", "redis-check-rdb"));

        var program = await new ServerCatalog(Environment.GetEnvironmentVariable, _folder, _ => Task.CompletedTask).RedisAsync(TestContext.Current.CancellationToken);

        Assert.True(File.ResolveLinkTarget(program.Path, returnFinalTarget: true)!.Exists);
    }

    [Fact]
    public async Task A_folder_that_is_reached_by_another_name_keeps_its_server_when_that_name_goes()
    {
        var obtained = Path.Combine(ServerPrograms.Shared, "servers");
        var server = (await ServerPrograms.Redis).Path;
        Assert.SkipUnless(server.StartsWith(obtained, StringComparison.Ordinal), "Redis is installed here as it is.");
        var before = new FileInfo(server).LinkTarget;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "servers"), obtained);

        await new ServerCatalog(Environment.GetEnvironmentVariable, _folder, _ => Task.CompletedTask).RedisAsync(TestContext.Current.CancellationToken);

        Assert.Equal(before, new FileInfo(server).LinkTarget);
    }
}
