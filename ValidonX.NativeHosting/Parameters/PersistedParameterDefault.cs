using Aspire.Hosting.Data;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default that is made once and kept in the data folder.</summary>
internal sealed class PersistedParameterDefault(DataFolder data, string name, ParameterDefault inner) : ParameterDefault
{
    public override string GetDefaultValue() => data.Secrets.GetOrAdd(name, inner.GetDefaultValue);
}
