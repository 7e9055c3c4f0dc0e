namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known only when the stack starts: a port, a password, a connection string.</summary>
public interface IValueProvider
{
    /// <summary>The value; null when there is none.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>A value that can be named before it is known.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The name, such as <c>{mysql.bindings.tcp.port}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>A value made of others.</summary>
public interface IValueWithReferences
{
    /// <summary>What the value is made of: resources and other values.</summary>
    IEnumerable<object> References { get; }
}
