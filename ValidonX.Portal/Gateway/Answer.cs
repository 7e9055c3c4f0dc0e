namespace ValidonX.Portal.Gateway;

/// <summary>What the gateway answered: data, or why not.</summary>
/// <param name="Data">The data; null with a problem, or where there is nothing to tell.</param>
/// <param name="NextCursor">Where the next page of a list begins.</param>
/// <param name="Problem">Why there is no data.</param>
/// <param name="Version">The ETag of what was read, for who wants to change it.</param>
public sealed record Answer<T>(T? Data, string? NextCursor = null, Problem? Problem = null, string? Version = null)
{
    /// <summary>Whether it was done.</summary>
    public bool IsGood => Problem is null;
}

/// <summary>Why something was not done, in the words of the API.</summary>
/// <param name="Status">The HTTP status; 0 if nobody answered.</param>
/// <param name="Code">The API's code.</param>
/// <param name="Message">A sentence.</param>
/// <param name="RequestId">What support finds the request by.</param>
public sealed record Problem(int Status, string Code, string Message, string? RequestId = null)
{
    /// <summary>Sentences about fields, by the field's name.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>The gateway does not answer.</summary>
    public static Problem Unreachable { get; } = new(0, "SERVER.UNAVAILABLE", "The platform does not answer at the moment. What you see may be out of date; try again in a moment.");

    /// <summary>The sentence about a field, if there is one.</summary>
    public string? Of(string field) => Fields.GetValueOrDefault(field);
}
