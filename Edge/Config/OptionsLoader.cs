using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Edge.Config;

/// <summary>Reads the sources, checks each text, and binds only then, so that all mistakes can be reported at once.</summary>
internal static class OptionsLoader
{
    private const string Hidden = "(hidden)";

    /// <param name="sources">Where they come from.</param>
    /// <param name="reads">Which of the files that the options name are read; null for all of them.</param>
    internal static LoadedOptions Load(OptionSources sources, OptionFileReads? reads = null)
    {
        OptionFileReads files = reads ?? OptionFileReads.AtStart;
        var mistakes = new List<OptionMistake>();
        var reader = new OptionReader(sources, mistakes);
        CheckValues(reader, reader.Edge, new OptionPlace("Edge", "Edge", OptionsCatalog.All), mistakes);
        var servicesLoader = new ServicesLoader(reader, files, mistakes);
        List<LoadedService> services = servicesLoader.Load();
        if (mistakes.Count > 0)
        {
            return new LoadedOptions(null, mistakes) { Files = reader.Files };
        }

        string[] texts = [.. OptionsCatalog.All.Select(entry => TextOf(reader.Merged.GetSection(entry.ListKey), entry))];
        var options = new EdgeOptions
        {
            Services = services.Count == 0 ? [] : [.. services.Select(service => service.Options)],
            Labelled = bool.TryParse(reader.Merged[OptionsCatalog.FromLabelsKey], out bool areRead) && areRead ? servicesLoader.LoadLabelled() : null,
        };
        Bindable(reader.Merged, OptionsCatalog.All).GetSection("Edge").Bind(options);
        CheckTogether(options, mistakes);
        ServicesLoader.CheckTogether(services, options, mistakes);
        AcmeOptions.CheckTogether(options.Tls.Acme, mistakes);
        AnswerOptions.CheckTogether(options.Answers, "Edge", mistakes);
        if (files.Pages)
        {
            options = options with { Answers = ErrorPage.Read(options.Answers, "Edge", mistakes) };
        }

        if (files.Environments("") && options.Docker.EnvFile.Length > 0)
        {
            IReadOnlyList<string> environment = files.ReadEnvironment(options.Docker.EnvFile, mistakes);
            options = options with { Docker = options.Docker with { FileEnvironment = environment } };
        }

        return new LoadedOptions(mistakes.Count > 0 ? null : options, mistakes)
        {
            Texts = texts,
            SetKeys = [.. OptionsCatalog.All.Where(entry => IsSet(reader.Merged.GetSection(entry.ListKey), entry)).Select(entry => entry.Key)],
            Origins = [.. OptionsCatalog.All.Select(entry => reader.OriginOf(entry))],
            Files = reader.Files,
            Services = services,
        };
    }

    // A duration can be written in several ways; one form is shown and compared.
    internal static string TextOf(IConfigurationSection section, OptionEntry entry) =>
        entry.IsList ? string.Join('\n', ItemsOf(section, entry))
        : entry.Kind == "duration" && section.Value is { } duration ? Durations.Show(Durations.Parse(duration)!.Value)
        : section.Value ?? entry.Default;

    // A variable that exists and is empty, as Compose makes of ${NAME:-}, counts as not set.
    internal static bool IsSet(IConfigurationSection section, OptionEntry entry) =>
        entry.IsList ? ItemsOf(section, entry).Any(item => entry.Member.Length == 0 || !string.IsNullOrEmpty(item)) : !string.IsNullOrEmpty(section.Value);

    private static IEnumerable<string?> ItemsOf(IConfigurationSection list, OptionEntry entry) =>
        list.GetChildren().Select(item => entry.Member.Length == 0 ? item.Value : item[entry.Member]);

    /// <summary>The values in the form of the binder, which knows one form of a duration.</summary>
    internal static IConfigurationRoot Bindable(IConfigurationRoot values, IReadOnlyList<OptionEntry> entries)
    {
        foreach (OptionEntry entry in entries)
        {
            if (entry.Kind == "duration" && values[entry.Key] is { } duration)
            {
                values[entry.Key] = Durations.Parse(duration)!.Value.ToString("c", CultureInfo.InvariantCulture);
            }
        }

        return values;
    }

    /// <summary>Checks each text below a section by itself.</summary>
    /// <param name="reader">Has the values, and their sources.</param>
    /// <param name="section">At the place, or below.</param>
    /// <param name="place">Which options there are.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    internal static void CheckValues(OptionReader reader, IConfigurationSection section, OptionPlace place, List<OptionMistake> mistakes)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            // The services are looked through one by one.
            if (place.Entries == OptionsCatalog.All && ServiceCatalog.IsService(child.Path))
            {
                continue;
            }

            if (child.GetChildren().Any())
            {
                CheckValues(reader, child, place, mistakes);
                continue;
            }

            string path = place.KeyOf(child.Path);
            OptionEntry? entry = OptionsCatalog.Find(path, place.Entries);
            if (entry is null)
            {
                if (!OptionsCatalog.IsSection(path, place.Entries) || !string.IsNullOrEmpty(child.Value))
                {
                    // A key that is nearly that of the token may have the token as its value.
                    string? shown = child.Value is not null && OptionsCatalog.MayBeSecret(child.Path) ? Hidden : child.Value;
                    mistakes.Add(new OptionMistake(child.Path, shown, Unknown(path, place)) { Origin = OriginOf(reader, child.Path) });
                }
            }
            else if (child.Value is null || !entry.Check(child.Value))
            {
                // What was given for the path of a key may be the key itself.
                bool isSecret = entry.IsSecret || (child.Value ?? "").Contains("PRIVATE KEY", StringComparison.Ordinal);
                string shown = isSecret ? Hidden
                    : entry.TakesSeveral && child.Value is { } several ? several.Split(',').First(one => !entry.Check(one))
                    : child.Value ?? "null";

                // In the catalog's spelling, and with the item's number for a list: variables of the environment are in capitals.
                string key = place.Show(entry.ListKey) + entry.ItemOf(path)![entry.ListKey.Length..] + (entry.Member.Length == 0 ? "" : ":" + entry.Member);
                mistakes.Add(new OptionMistake(key, shown, $"allowed is {entry.Allowed}") { Origin = OriginOf(reader, child.Path) });
            }
        }
    }

    // An argument with the whole key is a source that needs no further name.
    private static string? OriginOf(OptionReader reader, string path) =>
        reader.OriginOf(path) is { } origin && !origin.Equals("--" + path, StringComparison.OrdinalIgnoreCase) ? origin : null;

    private static string Unknown(string path, OptionPlace place) =>
        OptionsCatalog.Meant(path, place.Entries) is { } meant ? $"there is no such key; {place.Show(meant.ShownKey)} is one" : "there is no such key";

    /// <summary>Checks values that depend on each other.</summary>
    private static void CheckTogether(EdgeOptions options, List<OptionMistake> mistakes)
    {
        CheckListen(options, mistakes);
        CheckTls(options.Tls, mistakes);
        CheckService(options, mistakes);
    }

    /// <summary>Checks the values of one service that depend on each other.</summary>
    internal static void CheckService(ServiceOptions options, List<OptionMistake> mistakes)
    {
        DockerValues.CheckTogether(options.Docker, mistakes);
        FleetOptions fleet = options.Fleet;
        if (fleet.Minimum > fleet.Maximum)
        {
            mistakes.Add(new("Edge:Fleet:Minimum", $"{fleet.Minimum}", $"allowed is at most Edge:Fleet:Maximum, which is {fleet.Maximum}"));
        }

        CheckScale(options, mistakes);
        bool isStatic = fleet.Driver == FleetDriver.Static || (fleet.Driver == FleetDriver.Auto && fleet.Addresses.Length > 0);
        if (isStatic)
        {
            CheckAddresses(fleet, mistakes);
        }
        else
        {
            CheckOwned(fleet, mistakes);
        }

        if (options.Health.Off && !isStatic)
        {
            mistakes.Add(new(
                "Edge:Health:Off", "true",
                "allowed is false where the fleet is not static: replicas that are started take requests once they pass a check"));
        }

        string start = $"allowed is at most Edge:Timeouts:Start, which is {Durations.Show(options.Timeouts.Start)}";
        if (options.Health.StartInterval > options.Timeouts.Start)
        {
            mistakes.Add(new("Edge:Health:StartInterval", Durations.Show(options.Health.StartInterval), start));
        }

        if (options.Health.Timeout > options.Timeouts.Start)
        {
            mistakes.Add(new("Edge:Health:Timeout", Durations.Show(options.Health.Timeout), start));
        }
    }

    private static void CheckScale(ServiceOptions options, List<OptionMistake> mistakes)
    {
        (ScaleOptions scale, FleetOptions fleet) = (options.Scale, options.Fleet);
        if (scale.Maximum == 0)
        {
            return;
        }

        int minimum = scale.LeastOf(fleet.Replicas);
        if (scale.Maximum > fleet.Maximum)
        {
            mistakes.Add(new("Edge:Scale:Maximum", $"{scale.Maximum}", $"allowed is at most Edge:Fleet:Maximum, which is {fleet.Maximum}"));
        }

        if (minimum > scale.Maximum)
        {
            string of = scale.Minimum.Length > 0 ? "Edge:Scale:Minimum, which is" : "Edge:Scale:Minimum, which is not given and so Edge:Fleet:Replicas,";
            mistakes.Add(new("Edge:Scale:Maximum", $"{scale.Maximum}", $"allowed is at least {of} {minimum}"));
        }

        if (fleet.Driver == FleetDriver.Static || (fleet.Driver == FleetDriver.Auto && fleet.Addresses.Length > 0))
        {
            mistakes.Add(new("Edge:Scale:Maximum", $"{scale.Maximum}", "allowed is 0 where the fleet is static: nothing starts its replicas"));
        }
    }

    private static void CheckTls(TlsOptions tls, List<OptionMistake> mistakes)
    {
        for (int i = 0; i < tls.Certificates.Length; i++)
        {
            if (tls.Certificates[i].File.Length == 0)
            {
                mistakes.Add(new($"Edge:Tls:Certificates:{i}:File", "", "allowed is a path: each certificate has a file"));
            }
        }

        if (tls.ClientCertificates != ClientCertificatesRule.None && tls.ClientAuthorities.Length == 0)
        {
            string asked = tls.ClientCertificates.ToString().ToLowerInvariant();
            mistakes.Add(new("Edge:Tls:ClientCertificates", asked, "allowed is none where Edge:Tls:ClientAuthorities does not say who vouches for clients"));
        }
    }

    private static void CheckListen(EdgeOptions options, List<OptionMistake> mistakes)
    {
        foreach (IGrouping<IPEndPoint, ListenAddress> same in options.ListenAddresses().GroupBy(address => address.Endpoint))
        {
            // With port 0, each gets a port of its own.
            if (same.Key.Port != 0 && same.Count() > 1)
            {
                mistakes.Add(new("Edge:Listen", $"{same.Key}", "allowed is each address once"));
            }
        }

        if (!options.Tls.NamesFiles() && !options.HasAuthority() && options.ListenAddresses().FirstOrDefault(address => address.IsTls) is { } secure)
        {
            mistakes.Add(new("Edge:Listen", secure.Url(), "an address with https:// needs certificates: "
                + "Edge:Tls:Certificates, Edge:Tls:Folder or Edge:Tls:Acme:Hosts names them; "
                + "or, for the hosts of services, Edge:Tls:Acme:AgreeToTerms has them come by themselves"));
        }

        if (options.Tls.RedirectPort() == 0 && !options.ListenAddresses().Any(address => address.IsTls))
        {
            mistakes.Add(new("Edge:Tls:Redirect", options.Tls.Redirect, "allowed is off or a port where no address of Edge:Listen has https://"));
        }
    }

    private static void CheckOwned(FleetOptions fleet, List<OptionMistake> mistakes)
    {
        if (fleet.Replicas > fleet.Maximum)
        {
            mistakes.Add(new("Edge:Fleet:Replicas", $"{fleet.Replicas}", $"allowed is at most Edge:Fleet:Maximum, which is {fleet.Maximum}"));
        }

        if (fleet.Replicas < fleet.Minimum)
        {
            mistakes.Add(new("Edge:Fleet:Replicas", $"{fleet.Replicas}", $"allowed is at least Edge:Fleet:Minimum, which is {fleet.Minimum}"));
        }

        if (fleet.Addresses.Length > 0)
        {
            mistakes.Add(new(
                "Edge:Fleet:Addresses", string.Join(", ", fleet.Addresses),
                $"allowed is none where Edge:Fleet:Driver is {fleet.Driver.ToString().ToLowerInvariant()}; they belong to static"));
        }
    }

    private static void CheckAddresses(FleetOptions fleet, List<OptionMistake> mistakes)
    {
        if (fleet.Addresses.Length == 0)
        {
            mistakes.Add(new("Edge:Fleet:Addresses", "", "Edge:Fleet:Driver is static, so allowed is one host:port at least"));
        }

        if (fleet.Addresses.Length > fleet.Maximum)
        {
            mistakes.Add(new(
                "Edge:Fleet:Addresses", $"{fleet.Addresses.Length} addresses", $"allowed is at most Edge:Fleet:Maximum, which is {fleet.Maximum}"));
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (StaticAddress server in fleet.Servers())
        {
            if (!names.Add(server.Name))
            {
                mistakes.Add(new("Edge:Fleet:Addresses", server.Name, "allowed is each address once; a weight gives it more requests"));
            }
        }
    }
}
