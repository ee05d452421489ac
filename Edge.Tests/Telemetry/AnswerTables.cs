using Edge.Telemetry;

namespace Edge.Tests.Telemetry;

/// <summary>What tests ask of a table of answers.</summary>
internal static class AnswerTables
{
    extension(AnswerTable table)
    {
        /// <summary>All responses.</summary>
        internal long Sum => table.All().Sum(answer => answer.Count);

        /// <summary>How often any method got one status.</summary>
        /// <param name="code">As the label of the metrics has it.</param>
        internal long Of(string code) => table.All().Where(answer => answer.Code == code).Sum(answer => answer.Count);
    }
}
