using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ValidonX.LicensingApi.Fields;

/// <summary>
/// Reads a JSON object into a record, field by field: members that the record does not have are ignored, absent ones keep the record's own
/// defaults, and every bad field is told, not only the first (which is why this is no serializer's work). Made once for each type, by its properties and
/// their <see cref="FieldAttribute"/>s; names are snake_case; <see langword="required"/> properties must be there and not null.
/// </summary>
internal sealed class RecordReader
{
    private static readonly ConcurrentDictionary<Type, RecordReader> Known = new();

    private readonly ConstructorInvoker _create;
    private readonly Field[] _fields;

    private RecordReader(Type type)
    {
        _create = ConstructorInvoker.Create(type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [])
            ?? throw new NotSupportedException($"{type.Name} is read field by field and needs a constructor without parameters."));
        _fields = [.. type.GetProperties().Where(property => property.SetMethod is not null).Select(property => new Field(property))];
    }

    /// <summary>The reader of a record type.</summary>
    public static RecordReader Of(Type type) => Known.GetOrAdd(type, static type => new RecordReader(type));

    /// <summary>Reads the fields of an object; what is wrong is noted, and what is returned then is not to be used.</summary>
    /// <param name="value">The object.</param>
    /// <param name="place">The place of the object itself.</param>
    public object Read(JsonElement value, FieldPlace place)
    {
        var record = _create.Invoke();
        foreach (var field in _fields)
        {
            field.Read(value, record, place);
        }

        (record as IChecked)?.Check(place);
        return record;
    }

    /// <summary>Reads a value that should be an object.</summary>
    public object? ReadNested(JsonElement value, FieldPlace place) => value.ValueKind == JsonValueKind.Object ? Read(value, place) : place.Fail("Must be an object.");

    private sealed class Field
    {
        private readonly string _name;
        private readonly string? _alias;
        private readonly bool _isRequired;
        private readonly FieldReader _read;
        private readonly Func<object?, object?> _convert;
        private readonly bool _tellsNull;
        private readonly MethodInvoker _set;

        public Field(PropertyInfo property)
        {
            _name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            _alias = property.GetCustomAttribute<AliasAttribute>()?.Name;
            _isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
            _set = MethodInvoker.Create(property.SetMethod!);
            _tellsNull = property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Given<>);
            var valueType = _tellsNull ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            var rule = property.GetCustomAttribute<FieldAttribute>();
            _read = rule is ItemsAttribute items ? Items(items, valueType) : rule is not null ? rule.Read : FieldReaders.Of(valueType);
            var plain = Nullable.GetUnderlyingType(valueType) ?? valueType;
            Func<object?, object?> narrow = plain == typeof(int) ? static value => value is long number ? (int)number : value : static value => value;
            _convert = _tellsNull ? value => MakeGiven(property.PropertyType, narrow(value)) : narrow;
        }

        public void Read(JsonElement from, object record, FieldPlace place)
        {
            var isThere = from.TryGetProperty(_name, out var value);
            var name = _name;
            if ((!isThere || value.ValueKind == JsonValueKind.Null) && _alias is not null && from.TryGetProperty(_alias, out var other))
            {
                (isThere, value, name) = (true, other, _alias);
            }

            if (!isThere || value.ValueKind == JsonValueKind.Null)
            {
                if (_isRequired)
                {
                    place.Of(_name).Fail("Is required.");
                }
                else if (isThere && _tellsNull)
                {
                    _set.Invoke(record, _convert(null));
                }

                return;
            }

            if (_read(value, place.Of(name)) is { } read)
            {
                _set.Invoke(record, _convert(read));
            }
        }

        private static object MakeGiven(Type type, object? value)
        {
            var given = Activator.CreateInstance(type, value)!;
            type.GetProperty(nameof(Given<int>.IsThere))!.SetValue(given, true);
            return given;
        }

        private static FieldReader Items(ItemsAttribute rule, Type listType)
        {
            var itemType = listType.GetGenericArguments().Single();
            var read = FieldReaders.Of(itemType);
            return (value, place) =>
            {
                if (rule.Read(value, place) is null)
                {
                    return null;
                }

                var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
                var isGood = true;
                foreach (var item in value.EnumerateArray())
                {
                    var at = place with { Path = $"{place.Path}.{items.Count}" };
                    var one = item.ValueKind == JsonValueKind.Null ? at.Fail("Is required.") : read(item, at);
                    isGood &= one is not null;
                    items.Add(one ?? (itemType.IsValueType ? Activator.CreateInstance(itemType) : null));
                }

                return isGood ? items : null;
            };
        }
    }
}
