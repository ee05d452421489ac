using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>What the loops have counted. All members may be called from any thread, and disturb no loop.</summary>
internal interface IPlaneFigures
{
    /// <summary>How many loops there are.</summary>
    int Loops { get; }

    /// <summary>A copy of what one loop has counted since its start, 0 to <see cref="Loops"/> - 1.</summary>
    LoopCounters Figures(int loop);

    /// <summary>The names of methods by their numbers in <see cref="Answers"/>; "other" for all that are not known.</summary>
    IReadOnlyList<string> Methods { get; }

    /// <summary>Requests that are over, by what the client was told: the sum of all loops, in a table of the caller's own.</summary>
    AnswerTable Answers();

    /// <summary>The same of the balancer's own paths.</summary>
    AnswerTable ControlAnswers();

    /// <summary>The sum of all loops.</summary>
    LoopCounters Figures()
    {
        LoopCounters sum = default;
        for (int loop = 0; loop < Loops; loop++)
        {
            LoopCounters figures = Figures(loop);
            Counters.AddTo(ref figures, ref sum);
        }

        return sum;
    }
}
