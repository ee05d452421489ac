namespace Edge.Fleet;

/// <summary>
/// Finds out whether replicas that the balancer has made like those that somebody else started have to follow them, because those are of another image now.
/// Belongs to the fleet manager's actor.
/// </summary>
internal sealed class FollowedReplicas(Roster roster, DeployTasks tasks, ServiceOptionsCell options, TimeProvider time)
{
    /// <summary>How long those have to be well and alike: whoever replaces them does so one after the other.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    private ReplicaImage? _candidate;
    private ReplicaImage? _failed;
    private DateTimeOffset _since;

    /// <summary>The image that the others have, if there is something to do and they have settled; null if not. It is returned once.</summary>
    internal ReplicaImage? Image()
    {
        ReplicaImage? image = Common();
        if (image is null || Outdated(image).Count == 0 || image == _failed)
        {
            _candidate = null;
            return null;
        }

        if (image != _candidate)
        {
            (_candidate, _since) = (image, time.GetUtcNow());
            tasks.LookLater(Settling);
            return null;
        }

        if (time.GetUtcNow() - _since < Settling)
        {
            return null;
        }

        // If it fails, it is not tried again until there is another image.
        (_candidate, _failed) = (null, image);
        return image;
    }

    /// <summary>The balancer's replicas that are of another image.</summary>
    internal List<Member> Outdated(ReplicaImage image) =>
    [
        .. roster.Members.Where(m => m is { Origin: ReplicaOrigin.Made, Role: MemberRole.Serving, IsSettled: true, IsKept: false, Image: { } its }
            && !its.IsSameAs(image)),
    ];

    // Null while they differ, or one of them is not well; and where the options say what replicas are made of.
    private ReplicaImage? Common()
    {
        if (options.Current.Docker.Image.Length > 0)
        {
            return null;
        }

        List<Member> others = [.. roster.Members.Where(m => m.Origin == ReplicaOrigin.Adopted && m.Incarnation.State != ReplicaState.Stopped)];
        ReplicaImage? first = others.FirstOrDefault()?.Image;
        return first?.Id is not null && others.All(m => m is { Incarnation.State: ReplicaState.Healthy, Image: { } its } && its.IsSameAs(first)) ? first : null;
    }
}
