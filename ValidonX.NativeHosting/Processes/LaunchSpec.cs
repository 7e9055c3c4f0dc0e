namespace Aspire.Hosting.Processes;

/// <summary>A process to be started.</summary>
/// <param name="Command">The program: a path, or a name to be found on the search path.</param>
/// <param name="Arguments">Its arguments; they are visible to every user of the machine, so no secret belongs here.</param>
/// <param name="Environment">Variables to set on top of the inherited ones; a null value removes one.</param>
/// <param name="WorkingDirectory">The folder it runs in.</param>
internal sealed record LaunchSpec(
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?> Environment,
    string WorkingDirectory);
