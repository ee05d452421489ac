namespace Edge.Certificates;

/// <summary>What is put up for an authority; to dispose of it takes it down, unless it is left.</summary>
internal sealed class PostedChallenge(Action takeDown) : IDisposable
{
    private bool _isLeft;

    /// <summary>This process ends before the authority has come: another one with the same folder answers in its place.</summary>
    internal void LeaveToOthers() => _isLeft = true;

    public void Dispose()
    {
        if (!_isLeft)
        {
            takeDown();
        }
    }
}
