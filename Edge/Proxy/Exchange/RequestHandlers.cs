using Edge.Contract;

namespace Edge.Proxy;

/// <summary>
/// Who answers the requests of a client stream: an exchange, with a replica's answer, or a control exchange, for the balancer's own paths. They are
/// lent with the stream.
/// </summary>
internal sealed class RequestHandlers
{
    private readonly LoopContext _loop;
    private readonly ControlHandler _control;
    private ControlExchange? _controlExchange;

    /// <param name="loop">Of the client.</param>
    /// <param name="accounting">That of the loop.</param>
    /// <param name="services">Those that requests may be for.</param>
    /// <param name="control">Answers requests for the balancer's own paths.</param>
    /// <param name="client">Whose requests they answer.</param>
    internal RequestHandlers(LoopContext loop, LoopAccounting accounting, LoopServices services, ControlHandler control, ClientStream client)
    {
        (_loop, _control) = (loop, control);
        Context = new RequestContext(loop, accounting, client);
        Exchange = new Exchange(loop, services, Context);
    }

    /// <summary>What belongs to the present request.</summary>
    internal RequestContext Context { get; }

    internal Exchange Exchange { get; }

    /// <summary>In the place of the exchange, for the balancer's own paths.</summary>
    internal ControlExchange Control => _controlExchange ??= new ControlExchange(_loop, _control, Context.Client);

    /// <summary>The request is over, or its client has gone: they are free again.</summary>
    internal void End()
    {
        Exchange.Forget();
        _controlExchange?.Release();
    }
}
