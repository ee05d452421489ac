namespace Edge.Fleet;

/// <summary>Whom a call of /rm takes.</summary>
internal static class RemovalChoice
{
    /// <summary>Whether a removal may choose a member at random: it runs, or will run, and the balancer may remove it.</summary>
    internal static bool MayTake(Member member) =>
        member is { IsSettled: true, IsKept: false, Role: MemberRole.Serving } && member.Origin != ReplicaOrigin.Listed
        && member.Incarnation.State != ReplicaState.Stopped;

    /// <summary>The members that a removal takes: the named ones, and others at random.</summary>
    /// <param name="operation">The call, which was admitted.</param>
    /// <param name="roster">The fleet.</param>
    /// <param name="random">Chooses.</param>
    internal static List<Member> Of(RemoveOperation operation, Roster roster, Random random)
    {
        List<Member> chosen = [.. operation.Names.Select(name => roster.Find(name)!)];
        Member[] others = [.. roster.Members.Where(MayTake).Except(chosen)];
        random.Shuffle(others);
        chosen.AddRange(others.Take(operation.Count - chosen.Count));
        return chosen;
    }
}
