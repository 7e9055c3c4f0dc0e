using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A text with holes that are filled when the stack starts, such as <c>$"Server={host};Port={port}"</c>.</summary>
public class ReferenceExpression : IValueProvider, IManifestExpressionProvider, IValueWithReferences
{
    /// <summary>The empty text.</summary>
    public static readonly ReferenceExpression Empty = new(string.Empty, [], [], []);

    private ReferenceExpression(string format, IValueProvider[] providers, string[] expressions, string?[] stringFormats)
    {
        Format = format;
        ValueProviders = providers;
        ManifestExpressions = expressions;
        StringFormats = stringFormats;
    }

    /// <summary>The text as a composite format string.</summary>
    public string Format { get; }

    /// <summary>What fills the holes.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>The names of what fills the holes.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each hole is encoded: <c>uri</c> escapes for a URI, null leaves the value as it is.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    /// <summary>The text with the names of what fills the holes.</summary>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Makes an expression of an interpolated string.</summary>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.ToExpression();

    /// <summary>The text with all holes filled.</summary>
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = Encode(await ValueProviders[i].GetValueAsync(cancellationToken), StringFormats[i]);

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    private static string? Encode(string? value, string? format) => format switch
    {
        null or "" => value,
        "uri" => value is null ? null : Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not known; use 'uri' or none."),
    };

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength + (formattedCount * 4));
        private readonly List<IValueProvider> _providers = new(formattedCount);
        private readonly List<string> _expressions = new(formattedCount);
        private readonly List<string?> _stringFormats = new(formattedCount);

        /// <summary>Adds literal text.</summary>
        public readonly void AppendLiteral(string value) =>
            _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

        /// <summary>Adds text that is known already.</summary>
        public readonly void AppendFormatted(string? value)
        {
            if (value is not null)
                AppendLiteral(value);
        }

        /// <summary>Adds text that is known already, encoded.</summary>
        public readonly void AppendFormatted(string? value, string? format = null) => AppendFormatted(Encode(value, format));

        /// <summary>Adds a hole.</summary>
        public void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

        /// <summary>Adds a hole whose value is encoded.</summary>
        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider
        {
            _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
            _providers.Add(valueProvider);
            _expressions.Add(valueProvider.ValueExpression);
            _stringFormats.Add(format);
        }

        /// <summary>Adds a hole for the value of a resource.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource, null);

        /// <summary>Adds a hole for the value of a resource, encoded.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression ToExpression() =>
            new(_format.ToString(), [.. _providers], [.. _expressions], [.. _stringFormats]);
    }
}
