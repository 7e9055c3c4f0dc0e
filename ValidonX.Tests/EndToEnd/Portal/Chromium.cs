namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>Chromium, where the machine has it.</summary>
internal static class Chromium
{
    /// <summary>The program that <c>VALIDONX_CHROMIUM</c> names, or one at the usual places; null when there is none.</summary>
    public static string? Program { get; } =
        new[] { Environment.GetEnvironmentVariable("VALIDONX_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
}
