using System.Collections.Concurrent;

namespace Edge.Tests.Chaos;

/// <summary>How far a replica came with an answer.</summary>
internal enum AnswerState
{
    /// <summary>Not a byte of it was sent.</summary>
    Unsent,

    /// <summary>Its head was, and then no more than a part of its body: what no balancer can repair.</summary>
    BrokenAfterHead,

    /// <summary>All of it was.</summary>
    Whole,
}

/// <summary>A request that a replica has executed.</summary>
internal sealed class Execution(string replica)
{
    internal string Replica => replica;

    internal volatile AnswerState Answer;
}

/// <summary>What the replicas have done, by the tokens of the requests: the truth that the clients' view is held against.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Execution>> _executions = new();
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>What can't be told from an answer: requests that arrived damaged, errors of the replicas themselves.</summary>
    internal IEnumerable<string> Faults => _faults;

    internal Execution Executed(string token, string replica)
    {
        var execution = new Execution(replica);
        _executions.GetOrAdd(token, _ => new ConcurrentQueue<Execution>()).Enqueue(execution);
        return execution;
    }

    internal void Fault(string what) => _faults.Enqueue(what);

    internal IReadOnlyCollection<Execution> Of(string token) => _executions.TryGetValue(token, out var executions) ? executions : [];
}
