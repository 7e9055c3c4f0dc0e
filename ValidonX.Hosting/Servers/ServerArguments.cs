namespace ValidonX.Hosting.Servers;

/// <summary>What a server is started with.</summary>
/// <param name="First">Its option file, which has to come first; it holds the secrets, so that no command line does.</param>
/// <param name="More">What comes next, before the arguments that the app model gives.</param>
internal sealed record ServerArguments(string First, IReadOnlyList<string> More);
