using Edge.Config;

namespace Edge.Hosting;

/// <summary>The present options. The driver, which is made before the balancer, sees changes through this object.</summary>
internal sealed class LiveOptions(EdgeOptions first)
{
    private volatile EdgeOptions _options = first;

    internal EdgeOptions Options
    {
        get => _options;
        set => _options = value;
    }
}
