using Edge.Proxy;

namespace Edge.Tests.Fuzz;

// How a request ends, and how its connection does.
internal sealed partial class MemoryClient
{
    internal override void OnAnswered(bool keepAlive, bool requestRead)
    {
        EndRequest();
        if (keepAlive)
        {
            _state = State.Reading;
        }
        else
        {
            BeginEnd(resets: false);
        }
    }

    internal override void EndCut(bool requestRead)
    {
        bool resets = _isEndDelimited;
        EndRequest();
        BeginEnd(resets);
    }

    internal override void End()
    {
        EndRequest();
        BeginEnd(resets: false);
    }

    private void EndRequest()
    {
        EndAccounting();
        _handlers.End();
        _body.Release();
        _keepsAlive = _isEndDelimited = false;
    }

    private void BeginEnd(bool resets)
    {
        Held?.LetGo();
        _ahead = [];
        _state = State.Ending;
        _resetsAtEnd = resets;
        PumpEnd();
    }

    // Once the client has taken everything it gets the end; and what it still sends goes nowhere, until it has ended, too.
    private void PumpEnd()
    {
        if (!Wire.Flush())
        {
            Wire.Close(resets: true);
        }
        else if (UnsentBytes == 0 && _resetsAtEnd)
        {
            Wire.Close(resets: true);
        }
        else if (UnsentBytes == 0)
        {
            Wire.Finish();
            int got;
            while ((got = Wire.Read(_area)) > 0)
            {
            }

            if (got != -1)
            {
                Wire.Close(resets: false);
            }
        }
    }

    internal override void Close() => CloseWire(resets: false);

    internal override void Abort() => CloseWire(resets: true);

    private void CloseWire(bool resets)
    {
        if (Wire.IsClosed)
        {
            return;
        }

        Wire.Close(resets);
        Held?.LetGo();
        Context.Accounting.OnClosed(Wire.Received, Wire.Sent);
        _handlers.End();
        _body.Release();
    }
}
