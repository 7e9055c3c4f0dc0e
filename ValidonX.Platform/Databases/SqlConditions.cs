namespace ValidonX.Platform.Databases;

/// <summary>The conditions of a list that a caller may filter: written in code, their values parameters.</summary>
public sealed class SqlConditions
{
    private readonly List<string> _conditions = [];

    /// <summary>Adds a condition where it is asked for.</summary>
    /// <param name="condition">Its text, which names parameters.</param>
    /// <param name="isAsked">Whether it holds for this list.</param>
    public void Add(string condition, bool isAsked)
    {
        if (isAsked)
        {
            _conditions.Add(condition);
        }
    }

    /// <summary>The clause, empty without a condition.</summary>
    public override string ToString() => _conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", _conditions)}";
}
