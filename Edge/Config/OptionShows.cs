namespace Edge.Config;

/// <summary>What is shown of the value of an option.</summary>
internal enum OptionShows
{
    /// <summary>All of it.</summary>
    Value,

    /// <summary>Of each item NAME=value its name: the value may be a secret.</summary>
    Names,

    /// <summary>Only whether there is one: a secret may be anywhere in it.</summary>
    WhetherSet,
}
