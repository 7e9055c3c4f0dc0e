using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting;

/// <summary>The ways in which a project can be launched.</summary>
public sealed class LaunchSettings
{
    private static readonly JsonSerializerOptions Options =
        new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The launch profiles by their names, in the file's order.</summary>
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];

    /// <summary>The launch settings beside a project file; null when there are none.</summary>
    internal static LaunchSettings? Read(string projectDirectory)
    {
        var path = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        return File.Exists(path) ? JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), Options) : null;
    }

    /// <summary>The profile of that name, or else the first that launches the project itself.</summary>
    internal LaunchProfile? Select(string? name) =>
        name is not null && Profiles.TryGetValue(name, out var named)
            ? named
            : Profiles.Values.FirstOrDefault(profile => profile.CommandName == "Project");
}

/// <summary>One way in which a project can be launched.</summary>
public sealed class LaunchProfile
{
    /// <summary><c>Project</c> when the profile launches the project itself.</summary>
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    /// <summary>The addresses to listen on, separated by semicolons.</summary>
    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    /// <summary>The environment variables to set.</summary>
    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}
