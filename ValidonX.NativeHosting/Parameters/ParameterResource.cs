namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from outside the app model: configuration <c>Parameters:{name}</c>, or a default.</summary>
public class ParameterResource : Resource, IValueProvider, IManifestExpressionProvider
{
    private readonly Lazy<string> _value;

    /// <param name="name">The parameter's name.</param>
    /// <param name="callback">Finds the value; asked once.</param>
    /// <param name="secret">Whether the value must never be shown.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _value = new(() => callback(Default));
        Secret = secret;
    }

    /// <summary>Whether the value must never be shown.</summary>
    public bool Secret { get; }

    /// <summary>Whether the value is a connection string, read from <c>ConnectionStrings:{name}</c>.</summary>
    public bool IsConnectionString { get; set; }

    /// <summary>What to use when configuration says nothing; null makes the parameter required.</summary>
    public ParameterDefault? Default { get; set; }

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>The configuration key that sets the parameter.</summary>
    internal string ConfigurationKey => IsConnectionString ? $"ConnectionStrings:{Name}" : $"Parameters:{Name}";

    /// <summary>The value.</summary>
    /// <exception cref="MissingParameterValueException">Neither configuration nor a default gives one.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);
}
