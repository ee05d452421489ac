namespace Edge.Proxy;

/// <summary>A request as the queue sees it, in which it may wait.</summary>
internal interface IQueuedRequest
{
    /// <summary>It is this request's turn: it goes on if there is room and a connection can be had. False if it has to wait on.</summary>
    bool TryGoOn();

    /// <summary>There is no room for the request: the queue is full, or its wait is over.</summary>
    void TurnAway(bool isTimeout);
}
