using System.Text.Json;
using Microsoft.OpenApi;

namespace ValidonX.LicensingApi.Fields;

/// <summary>
/// The rule of one field of a request: how its JSON is read and checked, and how the API's document tells of it. Fields without one are read by
/// their type alone (<see cref="FieldReaders"/>).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class FieldAttribute : Attribute
{
    /// <summary>Reads a value that is there and not null. Notes what is wrong with it, and then returns <see langword="null"/>.</summary>
    public abstract object? Read(JsonElement value, FieldPlace place);

    /// <summary>Tells the rule in a schema.</summary>
    public abstract void Describe(OpenApiSchema schema);
}

/// <summary>Where a field stands, and who is told what is wrong with it.</summary>
/// <param name="Path">The field's path from the body's root, such as <c>owner.email</c>.</param>
/// <param name="Errors">Takes what is wrong.</param>
/// <param name="IsQuery">Whether it comes out of a query string, where all values are texts.</param>
/// <param name="Now">The moment of the request.</param>
internal readonly record struct FieldPlace(string Path, FieldErrors Errors, bool IsQuery, DateTimeOffset Now)
{
    /// <summary>Notes what is wrong here; returns <see langword="null"/> for the reader to return.</summary>
    public object? Fail(string message)
    {
        Errors.Add(Path, message);
        return null;
    }

    /// <summary>Whether something is wrong with a field of this object.</summary>
    public bool Has(string name) => Errors.Has(Of(name).Path);

    /// <summary>The place of a field of this object.</summary>
    public FieldPlace Of(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}.{name}" };
}

/// <summary>Another name under which a field is taken when its own is absent.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AliasAttribute(string name) : Attribute
{
    /// <summary>The other name.</summary>
    public string Name { get; } = name;
}

/// <summary>A value that a field could have, for the API's document. As JSON, unless it is a plain text.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class ExampleAttribute(string value) : Attribute
{
    /// <summary>The value.</summary>
    public string Value { get; } = value;
}

/// <summary>What the JSON text of a <see cref="ValidonX.Platform.Api.RawJson"/> is in an answer.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ShapeAttribute(JsonSchemaType type) : Attribute
{
    /// <summary>Its type.</summary>
    public JsonSchemaType Type { get; } = type;

    /// <summary>The type of an array's items or an object's values.</summary>
    public JsonSchemaType Of { get; init; }
}

/// <summary>A request whose fields have to fit together, or with the moment.</summary>
internal interface IChecked
{
    /// <summary>Notes what does not fit. Runs also when single fields are bad, which then have their defaults (null, where the type has no other).</summary>
    /// <param name="at">The place of the request or of the object within it.</param>
    void Check(FieldPlace at);
}

/// <summary>A request of which something is good only by what is stored.</summary>
internal interface ICheckedByStore
{
    /// <summary>Notes what is wrong. Runs also when single fields are bad.</summary>
    ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken);
}
