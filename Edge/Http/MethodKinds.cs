namespace Edge.Http;

/// <summary>What RFC 9110 §9.2 says of methods; one that is not known is neither.</summary>
internal static class MethodKinds
{
    /// <summary>Asks for nothing to be changed (§9.2.1).</summary>
    internal static bool IsSafe(this Method method) => method is Method.Get or Method.Head or Method.Options or Method.Trace;

    /// <summary>Twice does what once does (§9.2.2).</summary>
    internal static bool IsIdempotent(this Method method) => method.IsSafe() || method is Method.Put or Method.Delete;
}
