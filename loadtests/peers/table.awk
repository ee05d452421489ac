# Medians and spreads of run.sh's raw lines, as Markdown. Plain awk: mawk has no sorting of its own.
# case proxy round cpu user system requests/s p50 p99 p99.9 rss socket-errors status-errors; the first line is a header. A second file has
# case proxy round bytes closed: the memory of idle connections.
BEGIN {
    FS = "\t"
    # Of TLS: what Edge may take at most of what the other does.
    goal["tlsfull", "haproxy"] = 0.90
    goal["tlsresumed", "haproxy"] = 0.85
    goal["tls", "haproxy"] = 0.60
    goal["tls1m", "haproxy"] = 0.80
    goal["tlsrsa", "haproxy"] = 0.95
    goal["tls", "nginx"] = 0.65
    goal["tls1m", "nginx"] = 0.65
    idle_goal = 13000
}
FNR == 1 { next }
NF == 5 {
    key = $1 SUBSEP $2
    if (!(key in count)) idles[++nidles] = key
    count[key]++
    value[key, 4, count[key]] = $4
    bad[key] += $5
    next
}
{
    key = $1 SUBSEP $2
    if (!($1 in seen_case)) { seen_case[$1] = 1; cases[++ncases] = $1 }
    if (!(key in count)) { proxies[$1, ++nproxies[$1]] = $2 }
    count[key]++
    for (field = 4; field <= 11; field++) value[key, field, count[key]] = $field
    bad[key] += $12 + $13
}
function sort(key, field,    i, j, x, n) {
    n = count[key]
    for (i = 1; i <= n; i++) sorted[i] = value[key, field, i] + 0
    for (i = 2; i <= n; i++) {
        x = sorted[i]
        for (j = i - 1; j >= 1 && sorted[j] > x; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = x
    }
    return n
}
function median(key, field,    n) {
    n = sort(key, field)
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}
function spread(key, field, format,    n, m) {
    m = median(key, field)
    n = count[key]
    return sprintf(format " [" format "–" format "]", m, sorted[1], sorted[n])
}
function overlap(a, b, field,    least, most, n) {
    n = sort(a, field)
    least = sorted[1]
    most = sorted[n]
    n = sort(b, field)
    return sorted[1] <= most && sorted[n] >= least
}
function ratio(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "–" }
# The kind of a case, without its connections.
function kind(name) { sub(/-[0-9]+$/, "", name); return name }
function goals(    c, p, key, edge, wanted, had) {
    for (c = 1; c <= ncases; c++) for (p = 1; p <= nproxies[cases[c]]; p++) {
        edge = cases[c] SUBSEP "edge"
        key = cases[c] SUBSEP proxies[cases[c], p]
        wanted = goal[kind(cases[c]), proxies[cases[c], p]]
        if (!wanted || !(edge in count)) continue
        if (!had++) print "\nCPU over TLS against its goals:\n\n| case | against | at most | this run | |\n|---|---|---|---|---|"
        printf "| %s | %s | %.2f | %s | %s |\n", cases[c], proxies[cases[c], p], wanted, ratio(median(edge, 4), median(key, 4)),
            median(edge, 4) <= wanted * median(key, 4) ? "holds" : "**does not hold**"
    }
}
function idle(    i, part, edge) {
    if (nidles == 0) return
    print "\nWhat the memory of the balancer (RSS) grows by for a connection that idles after a request, in bytes; Edge is to take at most"
    print idle_goal ", and less than HAProxy:\n\n| case | balancer | bytes | Edge against it | closed meanwhile |\n|---|---|---|---|---|"
    for (i = 1; i <= nidles; i++) {
        split(idles[i], part, SUBSEP)
        edge = part[1] SUBSEP "edge"
        printf "| %s | %s | %s | %s | %s |\n", part[1], part[2], spread(idles[i], 4, "%.0f"),
            part[2] == "edge" || !(edge in count) ? "–" : ratio(median(edge, 4), median(idles[i], 4)), bad[idles[i]] ? "**" bad[idles[i]] "**" : "0"
    }
}
END {
    if (ncases == 0) { idle(); exit }
    print "Medians, with the least and the most of all rounds in brackets:"
    print ""
    print "| case | balancer | CPU µs a request | user | system | requests/s | p50 µs | p99 µs | p99.9 µs | peak RSS MB | errors |"
    print "|---|---|---|---|---|---|---|---|---|---|---|"
    for (c = 1; c <= ncases; c++) for (p = 1; p <= nproxies[cases[c]]; p++) {
        key = cases[c] SUBSEP proxies[cases[c], p]
        printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %.1f | %s |\n", cases[c], proxies[cases[c], p],
            spread(key, 4, "%.1f"), spread(key, 5, "%.1f"), spread(key, 6, "%.1f"), spread(key, 7, "%.0f"),
            spread(key, 8, "%.0f"), spread(key, 9, "%.0f"), spread(key, 10, "%.0f"), median(key, 11) / 1024,
            bad[key] ? "**" bad[key] " WRONG**" : "0"
    }
    print ""
    print "Edge against each, medians of this run (CPU, latency and memory: less than 1 is better; requests/s: more than 1 is better)."
    print "Where the two spreads of CPU overlap, it says ≈: no winner."
    print ""
    print "| case | against | CPU | requests/s | p50 | p99 | p99.9 | peak RSS |"
    print "|---|---|---|---|---|---|---|---|"
    for (c = 1; c <= ncases; c++) for (p = 1; p <= nproxies[cases[c]]; p++) {
        edge = cases[c] SUBSEP "edge"
        key = cases[c] SUBSEP proxies[cases[c], p]
        if (key == edge || !(edge in count)) continue
        printf "| %s | %s | **%s**%s | %s | %s | %s | %s | %s |\n", cases[c], proxies[cases[c], p],
            ratio(median(edge, 4), median(key, 4)), overlap(edge, key, 4) ? " ≈" : "",
            ratio(median(edge, 7), median(key, 7)), ratio(median(edge, 8), median(key, 8)),
            ratio(median(edge, 9), median(key, 9)), ratio(median(edge, 10), median(key, 10)),
            ratio(median(edge, 11), median(key, 11))
    }
    goals()
    idle()
}
