using Edge.Config;

namespace Edge.Hosting;

/// <summary>The options that hold now; the driver, which is there before the balancer, sees changes through it.</summary>
internal sealed class LiveOptions(EdgeOptions first)
{
    private volatile EdgeOptions _options = first;

    internal EdgeOptions Options
    {
        get => _options;
        set => _options = value;
    }
}
