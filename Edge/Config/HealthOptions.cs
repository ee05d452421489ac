namespace Edge.Config;

/// <summary>How a replica is asked whether it is well.</summary>
internal sealed record HealthOptions
{
    private IReadOnlyList<StatusRange>? _accepted;

    public string Path { get; set; } = "";

    public string Host { get; set; } = "";

    public string Statuses
    {
        get;
        set => (field, _accepted) = (value, value.Length == 0 ? null : OptionValues.Require(value, OptionValues.ParseStatuses(value)));
    } = "";

    public bool Off { get; set; }

    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan StartInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    public int Rise { get; set; } = 2;

    public int Fall { get; set; } = 3;

    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    public bool Restart { get; set; }

    public bool Panic { get; set; } = true;

    /// <summary>What <see cref="Statuses"/> says; null where it is empty.</summary>
    internal IReadOnlyList<StatusRange>? Accepted() => _accepted;
}
