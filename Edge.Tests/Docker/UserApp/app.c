/*
 * The application of a user who has never heard of the balancer, for the tests with Docker: a guestbook over HTTP/1.1. Static, so
 * that its image is FROM scratch (musl-gcc -static -O2 -pthread app.c -o app).
 *
 *   app            serves; the environment says how:
 *     PORT         where it listens (3000)
 *     VERSION      what it says that it is (v1)
 *     HEALTH_PATH  where it says whether it is well (/healthz): 200, or 503 while it is sick or its database is away
 *     DB           host:port that must accept a connection for it to be well; none by default
 *     REQUIRE_HOST the only Host that it answers; 400 to all others; any by default
 *     DATA         a folder in which it keeps the file "visits", a line a start and a line a POST; none by default
 *     START_DELAY  seconds until it listens (0)
 *     STOP_DELAY   seconds for which it goes on serving after SIGTERM (0)
 *     FAULT        what is wrong with this version: start (it says so and ends), fail (GET / gets 500), hang (GET / gets nothing),
 *                  crash (it ends at the first GET /), slow (GET / takes 60 ms); nothing by default
 *     FAIL_AFTER   seconds after which it ends by itself with exit code 3; never by default
 *   app check      what its HEALTHCHECK runs: asks its own health path; exit code 0 or 1
 *   app db         a database: accepts connections on port 5432 and closes them
 *
 *   GET /          200 "VERSION HOSTNAME"
 *   GET /slow?N    the same after N milliseconds
 *   GET /env       its environment, a line each
 *   GET /id        "uid gid"
 *   GET /visits    how many lines the file has
 *   POST /visits   adds one
 *   POST /sick     from now on its health path answers 503; POST /well takes that back
 *   POST /hang     from now on nothing is answered
 *   POST /die      it ends at once with exit code 7
 *   POST /eat      it takes memory until the kernel kills it
 *   else           404
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *version, *health_path, *database, *required_host, *data, *fault;
static char host_name[256];
static volatile int sick, hangs;
static int stop_delay;
static pthread_mutex_t file_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void pause_for(long milliseconds)
{
    struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    while (nanosleep(&left, &left) < 0 && errno == EINTR) { }
}

/* A connection to host:port, or -1. */
static int reach(const char *host_and_port)
{
    char host[256];
    const char *colon = strrchr(host_and_port, ':');
    snprintf(host, sizeof host, "%.*s", (int)(colon - host_and_port), host_and_port);
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
    if (getaddrinfo(host, colon + 1, &hints, &found)) return -1;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = { 1, 0 };
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int failed = connect(s, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (failed) { close(s); return -1; }
    return s;
}

static int is_well(void)
{
    if (sick) return 0;
    if (!database) return 1;
    int s = reach(database);
    if (s < 0) return 0;
    close(s);
    return 1;
}

static void note_visit(void)
{
    char path[512];
    pthread_mutex_lock(&file_lock);
    snprintf(path, sizeof path, "%s/visits", data);
    FILE *f = fopen(path, "a");
    if (f) { fprintf(f, "%s %s\n", version, host_name); fclose(f); } else perror(path);
    pthread_mutex_unlock(&file_lock);
}

static int count_visits(void)
{
    char path[512];
    int lines = 0, c;
    snprintf(path, sizeof path, "%s/visits", data);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    while ((c = getc(f)) != EOF) lines += c == '\n';
    fclose(f);
    return lines;
}

/* One call for head and body: a kill between two calls would leave a head without its body, which no balancer can make good. */
static void answer(int s, int keep, const char *status, const char *format, ...)
{
    char body[16384], head[512];
    va_list rest;
    va_start(rest, format);
    int length = vsnprintf(body, sizeof body, format, rest);
    va_end(rest);
    int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n",
        status, length, keep ? "" : "Connection: close\r\n");
    struct iovec parts[] = { { head, n }, { body, length } };
    struct msghdr whole = { .msg_iov = parts, .msg_iovlen = 2 };
    if (sendmsg(s, &whole, MSG_NOSIGNAL) < n + length) perror("send");
}

static void answer_environment(int s, int keep)
{
    char all[8192];
    size_t n = 0;
    for (char **e = environ; *e && n < sizeof all; e++) n += snprintf(all + n, sizeof all - n, "%s\n", *e);
    answer(s, keep, "200 OK", "%s", all);
}

static int has_fault(const char *name) { return fault && !strcmp(fault, name); }

/* GET /, in a version that is bad. */
static void respond_badly(int s, int keep)
{
    if (has_fault("crash")) { fprintf(stderr, "no table named visitors\n"); _exit(9); }
    while (has_fault("hang")) pause_for(1000);
    if (has_fault("slow")) pause_for(60);
    answer(s, keep, has_fault("fail") ? "500 Internal Server Error" : "200 OK", "%s %s\n", version, host_name);
}

static void respond(int s, int keep, const char *method, char *target, const char *host)
{
    while (hangs) pause_for(1000);
    char *query = strchr(target, '?');
    if (query) *query++ = 0;
    int post = !strcmp(method, "POST");
    if (required_host && (!host || strcasecmp(host, required_host)))
        answer(s, keep, "400 Bad Request", "Invalid HTTP_HOST header: '%s'. You may need to add it to ALLOWED_HOSTS.\n", host ? host : "");
    else if (!strcmp(target, health_path)) answer(s, keep, is_well() ? "200 OK" : "503 Service Unavailable", "%s\n", sick ? "sick" : "health");
    else if (!strcmp(target, "/") && fault) respond_badly(s, keep);
    else if (!strcmp(target, "/")) answer(s, keep, "200 OK", "%s %s\n", version, host_name);
    else if (!strcmp(target, "/slow")) { pause_for(query ? atol(query) : 0); answer(s, keep, "200 OK", "%s %s\n", version, host_name); }
    else if (!strcmp(target, "/env")) answer_environment(s, keep);
    else if (!strcmp(target, "/id")) answer(s, keep, "200 OK", "%d %d\n", (int)getuid(), (int)getgid());
    else if (!strcmp(target, "/visits") && data) { if (post) note_visit(); answer(s, keep, "200 OK", "%d\n", count_visits()); }
    else if (post && !strcmp(target, "/sick")) { sick = 1; answer(s, keep, "200 OK", "sick\n"); }
    else if (post && !strcmp(target, "/well")) { sick = 0; answer(s, keep, "200 OK", "well\n"); }
    else if (post && !strcmp(target, "/hang")) { answer(s, keep, "200 OK", "hangs\n"); hangs = 1; }
    else if (post && !strcmp(target, "/die")) _exit(7);
    else if (post && !strcmp(target, "/eat")) for (;;) { char *more = malloc(1 << 20); if (more) memset(more, 1, 1 << 20); }
    else answer(s, keep, "404 Not Found", "there is no %s\n", target);
}

/* One connection: requests with a length or without a body, one after the other. */
static void *serve(void *given)
{
    int s = (int)(long)given, one = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char head[16384];
    size_t have = 0;
    for (int keep = 1; keep;)
    {
        char *end;
        head[have] = 0;
        while (!(end = strstr(head, "\r\n\r\n")))
        {
            ssize_t got = have < sizeof head - 1 ? recv(s, head + have, sizeof head - 1 - have, 0) : 0;
            if (got <= 0) goto over;
            head[have += got] = 0;
        }
        size_t length = end - head + 4, body = 0;
        char method[32] = "", target[2048] = "", host[512] = "";
        int minor = 1;
        sscanf(head, "%31s %2047s HTTP/1.%d", method, target, &minor);
        keep = minor > 0;
        for (char *line = strstr(head, "\r\n") + 2; line < end + 2; line = strstr(line, "\r\n") + 2)
        {
            if (!strncasecmp(line, "host:", 5)) sscanf(line + 5, " %511[^\r]", host);
            if (!strncasecmp(line, "content-length:", 15)) body = strtoul(line + 15, NULL, 10);
            if (!strncasecmp(line, "connection:", 11) && strcasestr(line, "close") && strcasestr(line, "close") < strstr(line, "\r\n")) keep = 0;
        }
        size_t taken = have - length;
        while (taken < body)
        {
            char waste[16384];
            ssize_t got = recv(s, waste, body - taken < sizeof waste ? body - taken : sizeof waste, 0);
            if (got <= 0) goto over;
            taken += got;
            have = length;
        }
        respond(s, keep, method, target, *host ? host : NULL);
        size_t used = length + (have - length < body ? have - length : body);
        memmove(head, head + used, have -= used);
    }
over:
    shutdown(s, SHUT_WR);
    char rest[256];
    struct timeval patience = { 1, 0 };
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (recv(s, rest, sizeof rest, 0) > 0) { }
    close(s);
    return NULL;
}

static void *accept_all(void *given)
{
    int listener = (int)(long)given;
    for (;;)
    {
        int s = accept(listener, NULL, NULL);
        pthread_t thread;
        if (s < 0) continue;
        if (pthread_create(&thread, NULL, serve, (void *)(long)s)) { close(s); continue; }
        pthread_detach(thread);
    }
    return NULL;
}

static int listen_at(int port)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons(port) };
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&all, sizeof all) || listen(s, 512)) { perror("listen"); exit(1); }
    return s;
}

static int check(void)
{
    char address[64], request[512], line[64] = "";
    snprintf(address, sizeof address, "127.0.0.1:%s", setting("PORT", "3000"));
    int s = reach(address);
    if (s < 0) return 1;
    int n = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", health_path, required_host ? required_host : "localhost");
    if (send(s, request, n, MSG_NOSIGNAL) < 0 || recv(s, line, sizeof line - 1, 0) < 12) return 1;
    return strncmp(line + 9, "200", 3) != 0;
}

int main(int count, char **arguments)
{
    version = setting("VERSION", "v1");
    health_path = setting("HEALTH_PATH", "/healthz");
    database = setting("DB", NULL);
    required_host = setting("REQUIRE_HOST", NULL);
    data = setting("DATA", NULL);
    fault = setting("FAULT", NULL);
    gethostname(host_name, sizeof host_name - 1);
    if (count > 1 && !strcmp(arguments[1], "check")) return check();

    if (has_fault("start")) { fprintf(stderr, "DATABASE_URL is not set\n"); return 1; }

    /* The first process of a container has no handlers of its own: without one, SIGTERM would do nothing. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGUSR1);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    int is_database = count > 1 && !strcmp(arguments[1], "db");
    struct timespec delay = { atol(setting("START_DELAY", "0")), 0 };
    stop_delay = atoi(setting("STOP_DELAY", "0"));
    if (!is_database && delay.tv_sec > 0 && sigtimedwait(&ends, NULL, &delay) > 0) return 0;
    if (data && !is_database) note_visit();
    int listener = listen_at(is_database ? 5432 : atoi(setting("PORT", "3000")));
    pthread_t thread;
    if (pthread_create(&thread, NULL, accept_all, (void *)(long)listener)) return 1;

    const char *limit = setting("FAIL_AFTER", NULL);
    struct timespec life = { limit ? atol(limit) : 0, 0 };
    if (limit ? sigtimedwait(&ends, NULL, &life) < 0 : sigwaitinfo(&ends, NULL) < 0) return 3;
    pause_for(stop_delay * 1000L);
    return 0;
}
