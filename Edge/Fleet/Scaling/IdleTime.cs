using Edge.Routing;

namespace Edge.Fleet;

/// <summary>Since when nobody has asked a service for anything: no request, no waiting one, no tunnel.</summary>
internal sealed class IdleTime
{
    private long _wakeful;
    private TimeSpan? _since;

    /// <summary>Adds what is counted by now, and returns for how long there was nothing.</summary>
    internal TimeSpan Add(in LoadFigures load, TimeSpan now)
    {
        if (_since is null || load.Wakeful != _wakeful || load.WakefulNow > 0)
        {
            (_wakeful, _since) = (load.Wakeful, now);
        }

        return now - _since.Value;
    }

    /// <summary>Begins again, as after a request.</summary>
    internal void Reset() => _since = null;
}
