namespace Edge.Config;

/// <summary>What becomes of fields with an underscore in their names.</summary>
internal enum UnderscoreRule
{
    Pass,
    Remove,
}
