// Opens connections to 127.0.0.1, sends one request on each and reads its answer, then lets them idle.
// usage: idle-clients PORT COUNT PATH SECONDS
// Prints "open N" when all are idle, and after SECONDS "still-open N": those that nobody closed meanwhile.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what, int index) {
    fprintf(stderr, "idle-clients: connection %d: ", index);
    perror(what);
    return 1;
}

// Reads one answer with a Content-Length; true when it was whole and its status 200.
static int read_answer(int fd) {
    char buffer[65536];
    size_t length = 0;
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, 5000) != 1 || length == sizeof buffer - 1) return 0;
        ssize_t n = recv(fd, buffer + length, sizeof buffer - 1 - length, 0);
        if (n <= 0) return 0;
        length += (size_t)n;
        buffer[length] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (end == NULL) continue;
        char *field = strcasestr(buffer, "\r\ncontent-length:");
        if (strncmp(buffer, "HTTP/1.1 200", 12) != 0 || field == NULL || field > end) return 0;
        size_t whole = (size_t)(end + 4 - buffer) + strtoul(field + 17, NULL, 10);
        if (length >= whole) return length == whole;
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    int port = atoi(argv[1]), count = atoi(argv[2]), seconds = atoi(argv[4]);
    if (port < 1 || port > 65535 || count < 1 || count > 100000 || seconds < 1 || seconds > 600) return 64;
    char request[512];
    int bytes = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", argv[3], port);
    if (bytes < 0 || bytes >= (int)sizeof request) return 64;
    struct pollfd *sockets = calloc((size_t)count, sizeof *sockets);
    if (sockets == NULL) return fail("calloc", 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    alarm((unsigned)seconds + 120);
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0) return fail("socket", i);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return fail("connect", i);
        if (send(fd, request, (size_t)bytes, MSG_NOSIGNAL) != bytes) return fail("send", i);
        if (!read_answer(fd)) return fail("no whole answer with status 200", i);
        sockets[i].fd = fd;
        sockets[i].events = POLLIN | POLLRDHUP;
    }
    printf("open %d\n", count);
    fflush(stdout);
    sleep((unsigned)seconds);
    int closed = poll(sockets, (nfds_t)count, 0);
    printf("still-open %d\n", count - (closed < 0 ? count : closed));
    return 0;
}
