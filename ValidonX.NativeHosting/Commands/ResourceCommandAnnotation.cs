namespace Aspire.Hosting.ApplicationModel;

/// <summary>A command of a resource.</summary>
internal sealed class ResourceCommandAnnotation(
    string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute, CommandOptions options)
    : IResourceAnnotation
{
    public string Name { get; } = name;

    public string DisplayName { get; } = displayName;

    public CommandOptions Options { get; } = options;

    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> Execute { get; } = execute;
}
