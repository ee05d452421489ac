using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The sends and closes that the connections of a loop make together at the end of a turn, through a <see cref="SocketRing"/>. If the kernel grants
/// no ring, the batch stays closed, and every send and close is made at once.
/// </summary>
internal sealed unsafe class SendBatch : IDisposable
{
    // A struct, because storing into an array of a class that has subclasses checks the type each time.
    private readonly record struct Post(Connection Connection);

    private readonly Post[] _sending = new Post[SocketRing.Capacity];
    private readonly List<Post> _posts = [];
    private readonly List<int> _closes = [];
    private SocketRing? _ring;

    /// <summary>Whether sends and closes can be added.</summary>
    internal bool IsOpen => _ring is not null;

    /// <summary>Opens it, if the kernel lets it. On the loop's thread.</summary>
    internal void Open() => _ring = SocketRing.TryCreate(out _);

    /// <summary>Sends the connection's unsent bytes at the end of the turn. To be called once a turn for each connection.</summary>
    internal void Add(Connection connection) => _posts.Add(new Post(connection));

    /// <summary>Closes the descriptor at the end of the turn, after everything has been sent.</summary>
    internal void Close(int fd) => _closes.Add(fd);

    /// <summary>
    /// Sends and closes everything. Connections that wait for their send, and those that turn out to be broken, are told so; what they post or close
    /// then is still part of the turn.
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

    // A single send is quicker without the ring.
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

    // First all results are noted, then the connections are told: what one connection does then may concern another one.
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
                // The close was not made. After any other error the descriptor is closed all the same (close(2)).
                Libc.close(descriptors[i]);
            }
        }
    }
}
