using System.Text;

namespace Edge.Contract;

/// <summary>One of the balancer's own paths.</summary>
/// <param name="operation">The operation that a request for it asks for.</param>
/// <param name="text">The path, without a query; ASCII.</param>
/// <param name="methods">The allowed methods, in the form of the field Allow.</param>
internal sealed class ControlPath(ControlOperation operation, string text, string methods)
{
    private readonly byte[] _bytes = Encoding.ASCII.GetBytes(text);

    internal ControlOperation Operation => operation;

    internal string Text => text;

    internal string Methods => methods;

    /// <summary>Whether a request may have this method.</summary>
    internal bool Takes(string method) => methods.Split(", ").Contains(method, StringComparer.Ordinal);

    /// <summary>Whether a path from a request is this one.</summary>
    internal bool Is(ReadOnlySpan<byte> path) => path.SequenceEqual(_bytes);
}
