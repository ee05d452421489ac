using System.Globalization;
using Edge.Control;

namespace Edge.Cli;

/// <summary>Writes certificates, and what is known of TLS, for people.</summary>
internal static class CertificateText
{
    private static readonly string[] s_titles = ["CERTIFICATE", "KEY", "DAYS LEFT", "ISSUER", "RENEWS", "SOURCE", "LAST ERROR"];

    // When clients notice is too late: 14 days are enough for a person to act, 3 are few. The alert rules have the same.
    private const double SoonDays = 14;
    private const double VerySoonDays = 3;

    /// <summary>All certificates of a status.</summary>
    internal static TextTable Of(StatusReport status)
    {
        var sheet = new TextTable();
        IReadOnlyList<CertificateReport> certificates = status.Certificates ?? [];
        if (certificates.Count == 0)
        {
            sheet.Line("there is no certificate: this balancer serves no https");
        }
        else
        {
            Table(sheet, certificates);
        }

        return sheet;
    }

    /// <summary>Lines of the status: how TLS does, and those certificates that somebody should look at.</summary>
    internal static void AddTo(TextTable sheet, StatusReport status)
    {
        if (status is not { Tls: { } tls, Certificates: { } certificates })
        {
            return;
        }

        sheet.Line();
        string resumed = tls.ResumedShare is { } share ? $", {Percent(share)} resumed, {Percent((double)tls.Tls13 / tls.Handshakes)} of TLS 1.3" : "";
        string times = tls.HandshakeMilliseconds is { } time
            ? string.Create(CultureInfo.InvariantCulture, $", p50 {time.P50:0.##} ms, p99 {time.P99:0.##} ms") : "";
        string failed = tls.Failures.Count == 0 ? "none failed"
            : $"{tls.Failures.Values.Sum()} failed ({string.Join(", ", tls.Failures.Select(failure => $"{failure.Value} {failure.Key}"))})";
        sheet.Line($"TLS by {tls.Library}: {tls.Handshakes} handshakes{resumed}{times}; {failed}");
        CertificateReport[] good = [.. certificates.Where(certificate => certificate.DaysLeft is not null)];
        string first = good.Length == 0 ? "" : $", the first ends in {Days(good.Min(certificate => certificate.DaysLeft))} days";
        sheet.Line($"{good.Length} certificates{first}");
        CertificateReport[] bad = [.. certificates.Where(certificate => certificate.LastError is not null || !(certificate.DaysLeft >= SoonDays))];
        if (bad.Length > 0)
        {
            Table(sheet, bad);
        }
    }

    private static void Table(TextTable sheet, IReadOnlyList<CertificateReport> certificates) => sheet.Table(
        [
            [.. s_titles.Select(name => new StyledText(name, TextStyle.Faint))],
            .. certificates.Select(Row),
        ],
        2);

    private static StyledText[] Row(CertificateReport certificate)
    {
        TextStyle days = certificate.DaysLeft switch
        {
            < VerySoonDays or null => TextStyle.Bad,
            < SoonDays => TextStyle.Warn,
            _ => TextStyle.Good,
        };
        return
        [
            new(NamesOf(certificate), TextStyle.Strong),
            certificate.Key ?? "-",
            new(Days(certificate.DaysLeft), days),
            certificate.Issuer ?? "-",
            certificate.RenewsAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture) ?? "-",
            certificate.Source,
            certificate.LastError is { } error ? new StyledText(error, TextStyle.Warn) : "-",
        ];
    }

    private static string NamesOf(CertificateReport certificate) => certificate.NameCount switch
    {
        0 => "-",
        <= 3 => string.Join(", ", certificate.Names),
        _ => $"{certificate.Names[0]}, {certificate.Names[1]} and {certificate.NameCount - 2} more",
    };

    private static string Days(double? days) => days is { } left ? Math.Round(left, left < SoonDays ? 1 : 0).ToString(CultureInfo.InvariantCulture) : "-";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
