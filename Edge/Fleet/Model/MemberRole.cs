namespace Edge.Fleet;

/// <summary>The part of a member in a deploy.</summary>
internal enum MemberRole
{
    /// <summary>It gets requests while it is well.</summary>
    Serving,

    /// <summary>It belongs to a new version, and waits until all requests go to that.</summary>
    Standby,

    /// <summary>It is the first of a new version, and gets a share of the requests.</summary>
    Canary,

    /// <summary>It belongs to the version before, and gets no new requests.</summary>
    Retired,
}
