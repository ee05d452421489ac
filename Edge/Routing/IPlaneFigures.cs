using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>The counts of the loops. All members may be called from any thread, and disturb no loop.</summary>
internal interface IPlaneFigures
{
    /// <summary>How many loops there are.</summary>
    int Loops { get; }

    /// <summary>A copy of the counts of one loop since its start, with the requests of all services; loops are numbered from 0.</summary>
    LoopCounters Figures(int loop);

    /// <summary>
    /// The requests of one service, summed over the loops. With those of the default service are those of which no service is known. Nothing for a service
    /// that is no more.
    /// </summary>
    ServiceCounters Figures(Service service);

    /// <summary>The names of methods by their numbers in <see cref="Answers()"/>; "other" for unknown ones.</summary>
    IReadOnlyList<string> Methods { get; }

    /// <summary>Requests that are over, by the status that the client got: the sum of all loops, in a table for the caller.</summary>
    AnswerTable Answers();

    /// <summary>The same of one service; see <see cref="Figures(Service)"/>.</summary>
    AnswerTable Answers(Service service);

    /// <summary>The same for the balancer's own paths.</summary>
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
