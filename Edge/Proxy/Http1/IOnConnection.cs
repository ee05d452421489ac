using Edge.Io;

namespace Edge.Proxy;

/// <summary>A stream that has a whole connection to itself: two of them may have the kernel move a body from one to the other.</summary>
internal interface IOnConnection
{
    Connection Connection { get; }
}
