"""What applications behind gunicorn do: echo a body, stream, fail."""


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/echo":
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
        return [body]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"part %d\n" % i for i in range(200))
    if path == "/size":
        start_response("200 OK", [("Content-Length", "3000000")])
        return [b"x" * 3000000]
    if path == "/fail":
        raise RuntimeError("as asked for")
    start_response("404 Not Found", [("Content-Length", "0")])
    return [b""]
