namespace Edge.Config;

/// <summary>The part of an option's value that is shown.</summary>
internal enum OptionShows
{
    /// <summary>All of it.</summary>
    Value,

    /// <summary>The name of each item NAME=value, because the value may be a secret.</summary>
    Names,

    /// <summary>Only whether it is set, because a secret may be anywhere in it.</summary>
    WhetherSet,
}
