using Edge.Simulate;

// What the balancer's deciders make of traffic that is made up, with numbers that are the same each time:
//
//   dotnet run -c Release --project loadtests/simulate -- deploys [FILE]    the judge of deploys: prints a table, and draws FILE (SVG)
switch (args)
{
    case ["deploys", .. { Length: <= 1 } file]:
        DeployResult[] results = DeployRuns.RunAll(DeployRuns.Deploys);
        Console.Write(DeployTable.Of(results));
        if (file is [var path])
        {
            File.WriteAllText(path, DeployTable.Chart(results).Draw());
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: simulate deploys [FILE]");
        return 64;
}
