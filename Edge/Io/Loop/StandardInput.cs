namespace Edge.Io;

/// <summary>Standard input, of which nothing counts but its end. What comes before that is read and dropped.</summary>
internal sealed unsafe class StandardInput : Pollable
{
    private readonly Action _ended;

    /// <param name="ended">Called on the loop, at each event after the end.</param>
    internal StandardInput(Action ended)
    {
        _ended = ended;
        Fd = 0;
    }

    internal override void OnReady(uint events)
    {
        ulong ignored;
        if (Libc.read(Fd, &ignored, sizeof(ulong)) <= 0)
        {
            _ended();
        }
    }
}
