using ValidonX.Platform.Api;

namespace ValidonX.Platform.Databases;

/// <summary>What a page of a list asks of the database.</summary>
public static class OlderRows
{
    /// <summary>The further condition of a page after the first: only rows whose <c>id</c> sorts before <c>@Before</c>. Empty for the first page.</summary>
    public static string AndOlder(this PageRequest page) => page.Before is null ? "" : "AND id < @Before";
}
