namespace Edge.Config;

/// <summary>What happens to fields with an underscore in their names.</summary>
internal enum UnderscoreRule
{
    Pass,
    Remove,
}
