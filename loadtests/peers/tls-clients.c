// A client of TLS 1.3 on 127.0.0.1, of one request a connection, or of connections that idle.
// usage: tls-clients full|resumed PORT CONNECTIONS PATH SECONDS
//        tls-clients idle PORT COUNT PATH SECONDS
// full and resumed: so many connections at a time, each with a handshake of its own and one GET with Connection: close. full takes nothing
// over from earlier ones. resumed goes on with the last ticket of the same thread (RFC 8446, 2.2); the first handshake of each thread is not
// measured. Prints one line as report.lua does, and how many sessions were resumed; one that should have been and was not is a socket error.
// idle: opens a quarter of the connections with one request on each, prints "open N", waits for SIGUSR1, opens the rest, prints "open N"
// again, and after SECONDS "still-open N": those that nobody closed meanwhile.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 5, ANSWER_BYTES = 65536 };

typedef struct {
    pthread_t thread;
    SSL_SESSION *ticket;
    uint32_t *took;
    size_t count, room, resumed, broken, refused;
} Client;

static SSL_CTX *context;
static struct sockaddr_in address;
static char request[512];
static int resumes;
static _Atomic uint64_t ends_at;
static atomic_int ready;

static uint64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int on_ticket(SSL *ssl, SSL_SESSION *session) {
    Client *client = SSL_get_app_data(ssl);
    if (client == NULL) return 0;
    SSL_SESSION_free(client->ticket);
    client->ticket = session;
    return 1;
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    if (fd < 0) return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

// Shakes hands and asks; the answer's status, or 0 if there is no whole answer with a Content-Length.
static int ask(SSL *ssl, int fd) {
    char buffer[ANSWER_BYTES];
    int length = 0, bytes = (int)strlen(request);
    if (SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1 || SSL_write(ssl, request, bytes) != bytes) return 0;
    for (;;) {
        int got = SSL_read(ssl, buffer + length, ANSWER_BYTES - 1 - length);
        if (got <= 0) return 0;
        length += got;
        buffer[length] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (end == NULL) continue;
        char *field = strcasestr(buffer, "\r\ncontent-length:");
        if (field == NULL || field > end) return 0;
        long whole = end + 4 - buffer + strtol(field + 17, NULL, 10);
        if (length >= whole) return length == whole ? atoi(buffer + 9) : 0;
    }
}

// One connection from its beginning to its end. Returns whether it was as it should be.
static int visit(Client *client, int counts) {
    char rest[256];
    uint64_t began = microseconds();
    int fd = dial(), status = 0, resumed = 0;
    SSL *ssl = SSL_new(context);
    if (ssl == NULL) exit(70);
    SSL_set_app_data(ssl, client);
    if (resumes && client->ticket != NULL) SSL_set_session(ssl, client->ticket);
    if (fd >= 0) status = ask(ssl, fd);
    uint64_t took = microseconds() - began;
    resumed = status != 0 && SSL_session_reused(ssl);
    if (status != 0) {
        // The server ends it: nothing that it has sent may be unread when this side closes, or the kernel would reset the connection.
        SSL_shutdown(ssl);
        while (SSL_read(ssl, rest, sizeof rest) > 0) {}
    }
    ERR_clear_error();
    SSL_free(ssl);
    if (fd >= 0) close(fd);
    if (!counts) return status == 200;
    client->resumed += (size_t)resumed;
    if (status == 0 || resumed != resumes) client->broken++;
    if (status != 0 && status != 200) client->refused++;
    if (status == 0) return 0;
    if (client->count == client->room) {
        client->room = client->room == 0 ? 4096 : client->room * 2;
        client->took = realloc(client->took, client->room * sizeof *client->took);
        if (client->took == NULL) exit(70);
    }
    client->took[client->count++] = (uint32_t)took;
    return 1;
}

static void *run(void *argument) {
    Client *client = argument;
    // Its ticket comes with the answer to the first.
    if (resumes) visit(client, 0);
    ready++;
    while (ends_at == 0) usleep(1000);
    while (microseconds() < ends_at) visit(client, 1);
    return NULL;
}

static int order(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static unsigned at(const uint32_t *sorted, size_t count, double share) {
    size_t index = (size_t)((double)count * share);
    return count == 0 ? 0 : sorted[index < count ? index : count - 1];
}

static int measure(int count, int seconds) {
    Client *clients = calloc((size_t)count, sizeof *clients);
    if (clients == NULL) return 70;
    for (int i = 0; i < count; i++)
        if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0) return 70;
    while (ready < count) usleep(1000);
    uint64_t began = microseconds();
    ends_at = began + (uint64_t)seconds * 1000000;
    size_t requests = 0, resumed = 0, broken = 0, refused = 0;
    for (int i = 0; i < count; i++) {
        pthread_join(clients[i].thread, NULL);
        requests += clients[i].count;
        resumed += clients[i].resumed;
        broken += clients[i].broken;
        refused += clients[i].refused;
    }
    uint64_t took = microseconds() - began;
    uint32_t *all = malloc((requests + 1) * sizeof *all);
    if (all == NULL) return 70;
    size_t filled = 0;
    for (int i = 0; i < count; filled += clients[i++].count)
        memcpy(all + filled, clients[i].took, clients[i].count * sizeof *all);
    qsort(all, requests, sizeof *all, order);
    printf("measured requests=%zu microseconds=%llu p50=%u p99=%u p999=%u socket_errors=%zu status_errors=%zu resumed=%zu\n", requests,
        (unsigned long long)took, at(all, requests, 0.5), at(all, requests, 0.99), at(all, requests, 0.999), broken, refused, resumed);
    return 0;
}

static int idle(int count, int seconds) {
    struct pollfd *sockets = calloc((size_t)count, sizeof *sockets);
    if (sockets == NULL) return 70;
    sigset_t go;
    int signal = 0;
    sigemptyset(&go);
    sigaddset(&go, SIGUSR1);
    sigprocmask(SIG_BLOCK, &go, NULL);
    alarm((unsigned)seconds + 120);
    for (int i = 0; i < count; i++) {
        SSL *ssl = SSL_new(context);
        int fd = dial(), status = ssl == NULL || fd < 0 ? 0 : ask(ssl, fd);
        if (status != 200) {
            fprintf(stderr, "tls-clients: connection %d: status %d, %s\n", i, status, strerror(errno));
            ERR_print_errors_fp(stderr);
            return 1;
        }
        sockets[i] = (struct pollfd){.fd = fd, .events = POLLIN | POLLRDHUP};
        if (i + 1 == count / 4 || i + 1 == count) {
            printf("open %d\n", i + 1);
            fflush(stdout);
            if (i + 1 < count) sigwait(&go, &signal);
        }
    }
    sleep((unsigned)seconds);
    int closed = poll(sockets, (nfds_t)count, 0);
    printf("still-open %d\n", count - (closed < 0 ? count : closed));
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 6) return 64;
    int port = atoi(argv[2]), count = atoi(argv[3]), seconds = atoi(argv[5]), idles = strcmp(argv[1], "idle") == 0;
    resumes = strcmp(argv[1], "resumed") == 0;
    if (!idles && !resumes && strcmp(argv[1], "full") != 0) return 64;
    if (port < 1 || port > 65535 || count < 1 || count > (idles ? 100000 : 1000) || seconds < 1 || seconds > 3600) return 64;
    int bytes = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", argv[4], port, idles ? "" : "Connection: close\r\n");
    if (bytes < 0 || bytes >= (int)sizeof request) return 64;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1) return 70;
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
    return idles ? idle(count, seconds) : measure(count, seconds);
}
