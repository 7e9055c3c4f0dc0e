using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value from a cryptographic generator.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCharacters = "abcdefghijklmnopqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The number of characters at least.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower case letters occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper case letters occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether any of <c>-_.{}~()*+!</c> occur.</summary>
    public bool Special { get; set; } = true;

    /// <summary>The number of lower case letters at least.</summary>
    public int MinLower { get; set; }

    /// <summary>The number of upper case letters at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>The number of digits at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>The number of special characters at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No kind of character is allowed.</exception>
    public override string GetDefaultValue()
    {
        var alphabet = (Lower ? LowerCharacters : "") + (Upper ? UpperCharacters : "")
            + (Numeric ? NumericCharacters : "") + (Special ? SpecialCharacters : "");
        if (alphabet.Length == 0)
            throw new InvalidOperationException("A generated parameter needs at least one kind of character.");

        var value = new List<char>(MinLength);
        Draw(value, LowerCharacters, Lower ? MinLower : 0);
        Draw(value, UpperCharacters, Upper ? MinUpper : 0);
        Draw(value, NumericCharacters, Numeric ? MinNumeric : 0);
        Draw(value, SpecialCharacters, Special ? MinSpecial : 0);
        Draw(value, alphabet, MinLength - value.Count);

        var characters = value.ToArray();
        RandomNumberGenerator.Shuffle<char>(characters);
        return new string(characters);
    }

    private static void Draw(List<char> into, string alphabet, int count)
    {
        for (var i = 0; i < count; i++)
            into.Add(alphabet[RandomNumberGenerator.GetInt32(alphabet.Length)]);
    }
}
