using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// Where one loop counts for the services beside the default one, those that are no more among them. Immutable but for the counts, and replaced whole
/// when a service comes or goes, so that no reader sees a request twice or not at all.
/// </summary>
internal sealed class ServiceCounts
{
    internal static readonly ServiceCounts None = new([], [], new ServiceBlock(""));

    private readonly Dictionary<Service, ServiceBlock> _present;

    // No more there, and with requests that are under way.
    private readonly ServiceBlock[] _leaving;

    // The sum of those whose requests are all over.
    private readonly ServiceBlock _gone;
    private readonly ServiceBlock[] _all;

    private ServiceCounts(Dictionary<Service, ServiceBlock> present, ServiceBlock[] leaving, ServiceBlock gone) =>
        (_present, _leaving, _gone, _all) = (present, leaving, gone, [.. present.Values, .. leaving, gone]);

    /// <summary>The counts of one service; null if this loop has none of it yet, or no more.</summary>
    internal ServiceBlock? Find(Service service) => _present.GetValueOrDefault(service);

    /// <summary>Adds the counts of all to a sum, so that it never decreases.</summary>
    internal void AddTo(ref ServiceCounters sum)
    {
        foreach (ServiceBlock block in _all)
        {
            Counters.AddTo(ref block.Counters, ref sum);
        }
    }

    /// <summary>Adds the answers of all to a table that no other thread uses.</summary>
    internal void AddTo(AnswerTable sum)
    {
        foreach (ServiceBlock block in _all)
        {
            block.Answers.AddTo(sum);
        }
    }

    /// <summary>The same with these services. On the loop's thread.</summary>
    internal ServiceCounts With(IEnumerable<ServiceState> services)
    {
        var present = services.Where(one => one.Counts is not null).ToDictionary(one => one.Service, one => one.Counts!);
        ServiceBlock[] left = [.. _leaving, .. _present.Where(one => !present.ContainsKey(one.Key)).Select(one => one.Value)];
        if (left.Length == 0)
        {
            return new ServiceCounts(present, [], _gone);
        }

        var gone = new ServiceBlock("");
        gone.Add(_gone);
        foreach (ServiceBlock block in left.Where(block => !block.IsInUse))
        {
            gone.Add(block);
        }

        return new ServiceCounts(present, [.. left.Where(block => block.IsInUse)], gone);
    }
}
