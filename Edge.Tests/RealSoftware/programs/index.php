<?php
// What applications behind PHP's own server do: echo a body, stream, fail.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/echo') {
    $body = file_get_contents('php://input');
    header('Content-Type: application/octet-stream');
    header('Content-Length: ' . strlen($body));
    echo $body;
} elseif ($path === '/stream') {
    header('Content-Type: text/plain');
    for ($i = 0; $i < 200; $i++) {
        echo "part $i\n";
        flush();
    }
} elseif ($path === '/size') {
    header('Content-Length: 3000000');
    echo str_repeat('x', 3000000);
} elseif ($path === '/fail') {
    throw new RuntimeException('as asked for');
} else {
    http_response_code(404);
    header('Content-Length: 0');
}
