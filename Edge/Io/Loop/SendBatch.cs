using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// What the connections of a loop have to send, and which of them are to be closed, at the end of a turn, all together: see
/// <see cref="SocketRing"/>. Where the kernel grants no ring, it stays shut, and everything is done on the spot.
/// </summary>
internal sealed unsafe class SendBatch : IDisposable
{
    // In a struct: storing into an array of a class that others inherit from checks the type each time.
    private readonly record struct Post(Connection Connection);

    private readonly Post[] _sending = new Post[SocketRing.Capacity];
    private readonly List<Post> _posts = [];
    private readonly List<int> _closes = [];
    private SocketRing? _ring;

    /// <summary>Whether anything can be put into it.</summary>
    internal bool IsOpen => _ring is not null;

    /// <summary>Opens it, if the kernel lets it. On the loop's thread.</summary>
    internal void Open() => _ring = SocketRing.TryCreate(out _);

    /// <summary>Has the connection's unsent bytes go out at the turn's end. Once a turn for each.</summary>
    internal void Add(Connection connection) => _posts.Add(new Post(connection));

    /// <summary>Has the descriptor closed at the turn's end, after all has been sent.</summary>
    internal void Close(int fd) => _closes.Add(fd);

    /// <summary>
    /// Does it. Whoever waits for that, and whose connection has broken, gets to know; what they then post or close is still part
    /// of the turn.
    /// </summary>
    internal void Flush()
    {
        if (_posts.Count + _closes.Count == 1)
        {
            FlushOnly();
        }

        int posts = 0, closes = 0;
        while (posts < _posts.Count || closes < _closes.Count)
        {
            int firstPost = posts, sends = 0;
            for (; posts < _posts.Count && sends < SocketRing.Capacity; posts++)
            {
                Connection connection = _posts[posts].Connection;
                if (connection.TakePosted(out byte* from, out int length, out bool isLast))
                {
                    _sending[sends++] = new Post(connection);
                    _ring!.AddSend(connection.Fd, from, length, isLast);
                }
            }

            int firstClose = closes;
            for (; closes < _closes.Count && sends + closes - firstClose < SocketRing.Capacity; closes++)
            {
                _ring!.AddClose(_closes[closes]);
            }

            ReadOnlySpan<int> results = _ring!.Submit();
            CheckCloses(CollectionsMarshal.AsSpan(_closes)[firstClose..closes], results[sends..]);
            Tell(_sending.AsSpan(0, sends), results);
        }

        _posts.Clear();
        _closes.Clear();
    }

    public void Dispose() => _ring?.Dispose();

    // One alone is quicker without the ring.
    private void FlushOnly()
    {
        if (_posts is [Post post])
        {
            _posts.Clear();
            post.Connection.SendPosted();
        }
        else
        {
            Libc.close(_closes[0]);
            _closes.Clear();
        }
    }

    // First all have what came of it noted, then they are told: what one does then may be about another.
    private static void Tell(ReadOnlySpan<Post> senders, ReadOnlySpan<int> sent)
    {
        for (int i = 0; i < senders.Length; i++)
        {
            senders[i].Connection.OnPostedSent(sent[i]);
        }

        foreach (Post sender in senders)
        {
            sender.Connection.TellSender();
        }
    }

    private static void CheckCloses(ReadOnlySpan<int> descriptors, ReadOnlySpan<int> results)
    {
        for (int i = 0; i < descriptors.Length; i++)
        {
            if (results[i] == -Libc.EAGAIN)
            {
                // Not done. Any other error is one of a descriptor that is closed nevertheless (close(2)).
                Libc.close(descriptors[i]);
            }
        }
    }
}
