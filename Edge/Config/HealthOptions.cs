namespace Edge.Config;

/// <summary>How the health checks of replicas are made.</summary>
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

    /// <summary>The parsed <see cref="Statuses"/>; null if it is empty.</summary>
    internal IReadOnlyList<StatusRange>? Accepted() => _accepted;
}
