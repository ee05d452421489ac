namespace Edge.Config;

/// <summary>How the number of replicas follows the load.</summary>
internal sealed record ScaleOptions
{
    private int? _minimum;

    /// <summary>0 if the number does not follow the load.</summary>
    public int Maximum { get; set; }

    /// <summary>Empty for as many as Edge:Fleet:Replicas.</summary>
    public string Minimum
    {
        get;
        set => (field, _minimum) = (value, value.Length == 0 ? null : OptionValues.Require(value, ParseMinimum(value)));
    } = "";

    public int InFlight { get; set; } = 20;

    public int Percent { get; set; } = 70;

    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan Burst { get; set; } = TimeSpan.FromSeconds(6);

    public int Starting { get; set; } = 2;

    public TimeSpan Down { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan Sleep { get; set; } = TimeSpan.FromMinutes(15);

    public TimeSpan Wake { get; set; } = TimeSpan.FromSeconds(30);

    public ScaleAsleep Asleep { get; set; }

    public string[] Ignore { get; set; } = [];

    public bool Page { get; set; } = true;

    /// <summary>The parsed <see cref="Minimum"/>.</summary>
    /// <param name="replicas">Edge:Fleet:Replicas.</param>
    internal int LeastOf(int replicas) => _minimum ?? replicas;

    /// <summary>Whether an item of <see cref="Ignore"/> is one: a path, or a part of User-Agent.</summary>
    internal static bool IsIgnorable(string text) => text.Length is > 0 and <= 256 && text.All(c => c is >= ' ' and < '\x7f') && text.Trim() == text;

    /// <summary>Null for what is no number from 0 to as many as there may be.</summary>
    internal static int? ParseMinimum(string text) => OptionValues.TryParseInteger(text, 0, Limits.Replicas / 2, out int number) ? number : null;
}
