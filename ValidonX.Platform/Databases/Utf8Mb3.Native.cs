using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using MySql.Data.MySqlClient;

namespace ValidonX.Platform.Databases;

/// <summary>
/// Teaches MySql.Data 8.0.16 the name <c>utf8mb3</c>, which servers have since given to what it knows as <c>utf8</c>. Without it the
/// client cannot read any column of the servers' own tables, <c>SHOW WARNINGS</c> included, which it sends by itself after every
/// statement with a warning: such a statement then fails and leaves the connection unusable.
/// </summary>
internal static class Utf8Mb3
{
    /// <summary>Adds the name to the client's table; harmless when it is there.</summary>
    /// <exception cref="MissingMemberException">Another version of the client, which has to be looked at again.</exception>
    public static void Register()
    {
        var map = typeof(MySqlConnection).Assembly.GetType("MySql.Data.MySqlClient.CharSetMap")
            ?? throw new MissingMemberException("MySql.Data.MySqlClient.CharSetMap");
        RuntimeHelpers.RunClassConstructor(map.TypeHandle);
        var names = map.GetField("_mapping", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null) as IDictionary
            ?? throw new MissingMemberException(map.FullName, "_mapping");
        names["utf8mb3"] = names["utf8"];
    }
}
