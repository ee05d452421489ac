namespace Edge.Fleet;

/// <summary>The calls that wait for their answer. Belongs to the fleet manager's actor.</summary>
internal sealed class PendingCalls(Roster roster)
{
    internal static readonly CallRefusal ShuttingDown = new(CallRefusalKind.Unavailable, "the balancer is shutting down");

    private readonly HashSet<FleetOperation> _open = [];
    private readonly List<FleetOperation> _finished = [];

    internal bool IsOpen(FleetOperation operation) => _open.Contains(operation);

    internal void Open(FleetOperation operation) => _open.Add(operation);

    /// <summary>Has the call answered with what it came to, once the last message is applied.</summary>
    internal void Finish(FleetOperation operation) => _finished.Add(operation);

    /// <summary>Notes that a call need not wait for a member any more.</summary>
    internal void StopWaiting(FleetOperation? operation, Member member)
    {
        if (operation is not null && operation.Waiting.Remove(member) && operation.Waiting.Count == 0)
        {
            Finish(operation);
        }
    }

    /// <summary>Notes that a member got into rotation or out of it: an addition is done when all of its members are in.</summary>
    internal void CountHealth(Member member, bool passed)
    {
        if (member.Adding is not { Refusal: null } adding)
        {
            return;
        }

        _ = passed ? adding.Waiting.Remove(member) : adding.Waiting.Add(member);
        if (adding.Waiting.Count == 0)
        {
            adding.Members.ForEach(m => m.Adding = null);
            Finish(adding);
        }
    }

    internal void SendAnswers()
    {
        foreach (FleetOperation operation in _finished)
        {
            operation.Complete(new FleetAnswer(roster.Running(), operation.Refusal, [.. operation.Drained]));
            _open.Remove(operation);
        }

        _finished.Clear();
    }

    /// <summary>Answers a call that arrived too late.</summary>
    internal void Refuse(FleetMessage message)
    {
        FleetOperation? operation = message switch
        {
            FleetMessage.Add add => add.Operation,
            FleetMessage.Remove remove => remove.Operation,
            FleetMessage.Weigh weigh => weigh.Operation,
            _ => null,
        };
        operation?.Complete(new FleetAnswer(roster.Running(), ShuttingDown, []));
    }

    internal void RefuseAll()
    {
        foreach (FleetOperation operation in _open)
        {
            operation.Complete(new FleetAnswer(roster.Running(), ShuttingDown, []));
        }
    }
}
