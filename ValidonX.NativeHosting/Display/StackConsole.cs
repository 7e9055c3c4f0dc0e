namespace Aspire.Hosting.Display;

/// <summary>What people see of the stack: every line with the name of the resource that wrote it.</summary>
internal sealed class StackConsole
{
    private const string Reset = "\e[0m";
    private const string Red = "\e[31m";
    private const string Yellow = "\e[33m";
    private const string Bold = "\e[1m";
    private static readonly string[] Palette = ["\e[36m", "\e[32m", "\e[35m", "\e[34m", "\e[96m", "\e[92m", "\e[95m", "\e[94m"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _colors = new(StringComparer.Ordinal);
    private readonly TextWriter _output;
    private readonly bool _isColored;
    private int _width;

    internal StackConsole(TextWriter output, bool isColored)
    {
        _output = output;
        _isColored = isColored;
    }

    /// <summary>Shows nothing; tests read the logs instead.</summary>
    public static StackConsole Silent { get; } = new(TextWriter.Null, isColored: false);

    /// <summary>Shows everything, in color when a person is likely to look.</summary>
    public static StackConsole ForTerminal() => new(
        System.Console.Out, !System.Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>Makes room for the longest name, so that all lines begin in one column.</summary>
    public void Align(IEnumerable<string> sources) => _width = sources.Select(source => source.Length).Append(_width).Max();

    /// <summary>A line that a process wrote.</summary>
    public void Line(string source, string text) => Write(source, text, color: null);

    /// <summary>A turn for the worse that the stack deals with by itself.</summary>
    public void Warn(string source, string text) => Write(source, text, Yellow);

    /// <summary>A failure that needs a person.</summary>
    public void Fail(string source, string text) => Write(source, text, Red);

    /// <summary>Something about the stack as a whole.</summary>
    public void Say(string text)
    {
        lock (_gate)
            _output.WriteLine(_isColored ? Bold + text + Reset : text);
    }

    private void Write(string source, string text, string? color)
    {
        lock (_gate)
        {
            var label = source.PadRight(_width);
            if (!_isColored)
            {
                _output.WriteLine($"{label} | {text}");
                return;
            }

            if (!_colors.TryGetValue(source, out var own))
                _colors[source] = own = Palette[_colors.Count % Palette.Length];

            _output.WriteLine($"{own}{label} |{Reset} {color}{text}{(color is null ? "" : Reset)}");
        }
    }
}
