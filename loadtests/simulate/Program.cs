using Edge.Simulate;

// What the balancer's deciders make of traffic that is made up, with numbers that are the same each time:
//
//   dotnet run -c Release --project loadtests/simulate -- deploys [FILE]    the judge of deploys: prints a table, and draws FILE (SVG)
//   dotnet run -c Release --project loadtests/simulate -- scale [FOLDER]    the size by load: prints a table, and draws scale-spike.svg and scale-swing.svg
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
    case ["scale", .. { Length: <= 1 } folder]:
        Console.Write(ScaleTable.Of(ScaleRuns.RunAll()));
        if (folder is [var to])
        {
            File.WriteAllText(Path.Combine(to, "scale-spike.svg"), ScaleTable.Chart(ScaleRuns.Spike, 300).Draw());
            File.WriteAllText(Path.Combine(to, "scale-swing.svg"), ScaleTable.Chart(ScaleRuns.Swing, 600).Draw());
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: simulate deploys [FILE] | scale [FOLDER]");
        return 64;
}
