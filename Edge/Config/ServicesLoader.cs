using Microsoft.Extensions.Configuration;

namespace Edge.Config;

/// <summary>Reads the services beside the default one: each as a configuration of its own, over what it takes over from the default service.</summary>
/// <param name="reader">Has the values of all sources.</param>
/// <param name="files">Which of the files that the options name are read.</param>
/// <param name="mistakes">Gets everything that is wrong.</param>
internal sealed class ServicesLoader(OptionReader reader, OptionFileReads files, List<OptionMistake> mistakes)
{
    private const string Root = "Edge";

    private readonly Dictionary<string, KeyValuePair<string, string?>[]> _ofDefault = new(StringComparer.Ordinal);

    /// <summary>Those without mistakes of their own, in the order of their names.</summary>
    internal List<LoadedService> Load()
    {
        var services = new List<LoadedService>();
        foreach (IConfigurationSection section in reader.Merged.GetSection(ServiceCatalog.ServicesSection).GetChildren())
        {
            if (!ServiceCatalog.IsService(section.Path))
            {
                continue;
            }

            // Variables of the environment are in capitals.
            string name = section.Key.ToLowerInvariant();
            if (!OptionValues.IsServiceName(name))
            {
                mistakes.Add(new(section.Path, null,
                    "a service is named by 1 to 40 letters, digits and -, the first a letter, and not default, which is the one without a name"));
            }
            else if (LoadOne(name, section) is { } service)
            {
                services.Add(service);
            }
        }

        if (services.Count > Limits.Services)
        {
            mistakes.Add(new(ServiceCatalog.ServicesSection, $"{services.Count} services", $"allowed are {Limits.Services}"));
        }

        return services;
    }

    /// <summary>What a service has that labels name: all that a service takes over. To be called when there are no mistakes.</summary>
    internal NamedServiceOptions LoadLabelled()
    {
        var options = new NamedServiceOptions { IsFromLabels = true };
        OptionsLoader.Bindable(ViewOf("", []), ServiceCatalog.OfServices).GetSection(Root).Bind(options);
        return options with { Fleet = options.Fleet with { Driver = FleetDriver.Docker }, Answers = PageOf(options.Answers, Root) };
    }

    /// <summary>Checks what services have to do with each other and with the default one.</summary>
    internal static void CheckTogether(IReadOnlyList<LoadedService> services, ServiceOptions first, List<OptionMistake> mistakes)
    {
        var routes = new Dictionary<(string, string), string>();
        var fleets = new Dictionary<string, string>(StringComparer.Ordinal) { [first.Fleet.Name] = "the default service" };
        foreach (LoadedService service in services)
        {
            foreach ((string host, string path) in service.Options.Routes())
            {
                string key = ServiceCatalog.KeyOf(service.Name, "Edge:Hosts");
                if (host.Length == 0 && path.Length == 0)
                {
                    mistakes.Add(new(key, null, "one host or one path at least leads to a service; all other requests are for the default service"));
                }
                else if (!routes.TryAdd((host, path), service.Name))
                {
                    mistakes.Add(new(key, $"{(host.Length == 0 ? "*" : host)}{path}", $"it leads to {routes[(host, path)]} already"));
                }
            }

            CheckRedirect(service, routes, mistakes);

            if (!fleets.TryAdd(service.Options.Fleet.Name, service.Name))
            {
                string fleet = service.Options.Fleet.Name;
                mistakes.Add(new(ServiceCatalog.KeyOf(service.Name, "Edge:Fleet:Name"), fleet, $"{fleets[fleet]} has the same replicas"));
            }
        }
    }

    private static void CheckRedirect(LoadedService service, Dictionary<(string, string), string> routes, List<OptionMistake> mistakes)
    {
        string key = ServiceCatalog.KeyOf(service.Name, "Edge:Redirect");
        if (service.Options.Redirect.Length > 0 && service.Options.Canonical() is null)
        {
            string hosts = ServiceCatalog.KeyOf(service.Name, "Edge:Hosts");
            mistakes.Add(new(key, service.Options.Redirect[0], $"such names lead to the first of {hosts}, which has to be there, and no wildcard"));
        }

        foreach ((string host, string path) in service.Options.Redirected().Where(other => !routes.TryAdd(other, service.Name)))
        {
            mistakes.Add(new(key, $"{host}{path}", $"it leads to {routes[(host, path)]} already"));
        }
    }

    private LoadedService? LoadOne(string name, IConfigurationSection section)
    {
        int before = mistakes.Count;
        var place = new OptionPlace(section.Path, ServiceCatalog.KeyOf(name, Root), ServiceCatalog.OfServices);
        OptionsLoader.CheckValues(reader, section, place, mistakes);
        if (mistakes.Count > before)
        {
            return null;
        }

        Dictionary<string, string?> own = section.AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Key.Length > 0).ToDictionary(pair => $"{Root}:{pair.Key}", pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        IConfigurationRoot view = ViewOf(name, own);
        string[] texts = [.. ServiceCatalog.OfServices.Select(entry => OptionsLoader.TextOf(view.GetSection(entry.ListKey), entry))];
        var options = new NamedServiceOptions { Name = name, ReplicaPrefix = name + "_" };
        OptionsLoader.Bindable(view, ServiceCatalog.OfServices).GetSection(Root).Bind(options);
        var wrong = new List<OptionMistake>();
        OptionsLoader.CheckService(options, wrong);
        if (files.Environments(name) && options.Docker.EnvFile.Length > 0)
        {
            IReadOnlyList<string> environment = files.ReadEnvironment(options.Docker.EnvFile, wrong);
            options = options with { Docker = options.Docker with { FileEnvironment = environment } };
        }

        AnswerOptions.CheckTogether(options.Answers, ServiceCatalog.KeyOf(name, Root), mistakes);
        options = options with { Answers = PageOf(options.Answers, ServiceCatalog.KeyOf(name, Root)) };
        mistakes.AddRange(wrong.Select(mistake => mistake with
        {
            Key = OfService(mistake.Key, name),
            Allowed = OfService(mistake.Allowed, name),
        }));
        IConfigurationRoot alone = new ConfigurationBuilder().AddInMemoryCollection(own).Build();
        string?[] origins = [.. ServiceCatalog.OfServices.Select(entry => OptionsLoader.IsSet(alone.GetSection(entry.ListKey), entry)
            ? reader.OriginOf(section.Path + entry.ListKey[Root.Length..]) : null)];
        options = options with { SaysReplicas = !string.IsNullOrEmpty(own.GetValueOrDefault($"{Root}:Fleet:Replicas")) };
        return new LoadedService(options, texts, origins);
    }

    private AnswerOptions PageOf(AnswerOptions answers, string key) =>
        files.Pages ? ErrorPage.Read(answers, key, mistakes) : answers;

    // A list that the service gives stands in the place of the default service's.
    private IConfigurationRoot ViewOf(string name, Dictionary<string, string?> own)
    {
        var view = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [$"{Root}:Fleet:Name"] = name };
        foreach (OptionEntry entry in ServiceCatalog.OfServices.Where(ServiceCatalog.IsTakenOver))
        {
            if (!own.Keys.Any(key => IsAt(entry.ListKey, key)))
            {
                foreach (KeyValuePair<string, string?> pair in ValuesOfDefault(entry.ListKey))
                {
                    view[pair.Key] = pair.Value;
                }
            }
        }

        foreach (KeyValuePair<string, string?> pair in own)
        {
            view[pair.Key] = pair.Value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(view.Where(pair => pair.Value is not null)).Build();
    }

    // Each key of all sources is looked at for it: once, and not for each service.
    private KeyValuePair<string, string?>[] ValuesOfDefault(string list)
    {
        if (!_ofDefault.TryGetValue(list, out KeyValuePair<string, string?>[]? values))
        {
            values = [.. reader.Merged.GetSection(list).AsEnumerable()];
            _ofDefault.Add(list, values);
        }

        return values;
    }

    private static bool IsAt(string list, string key) =>
        key.Equals(list, StringComparison.OrdinalIgnoreCase) || key.StartsWith(list + ":", StringComparison.OrdinalIgnoreCase);

    private static string OfService(string text, string name) =>
        text.Replace($"{Root}:", $"{ServiceCatalog.ServicesSection}:{name}:", StringComparison.Ordinal);
}
