namespace Edge.Config;

/// <summary>When a request that a replica failed is sent to another one.</summary>
internal sealed record RetryOptions
{
    public int Attempts { get; set; } = 3;

    public TimeSpan Within { get; set; } = TimeSpan.FromSeconds(10);

    public int BudgetPercent { get; set; } = 20;

    public int BudgetPerSecond { get; set; } = 10;

    public int[] Statuses { get; set; } = [];
}
