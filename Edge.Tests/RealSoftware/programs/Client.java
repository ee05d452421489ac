import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;

/** Java's own client: what it asks, over kept connections, and whether what comes back is right. One line for each case. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        byte[] body = new byte[2_000_000];
        Arrays.fill(body, (byte) 'j');

        // By default it offers h2c with the first request of a connection; that must end at the balancer.
        HttpClient offering = HttpClient.newHttpClient();
        for (int i = 0; i < 2; i++) {
            System.out.println("get " + offering.send(to(url + "/size").build(), BodyHandlers.ofByteArray()).body().length);
        }

        System.out.println("head " + client.send(to(url + "/size").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofByteArray()).statusCode());
        System.out.println("length " + Arrays.equals(body, client.send(to(url + "/echo").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray()).body()));
        System.out.println("expect " + Arrays.equals(body, client.send(to(url + "/echo").expectContinue(true).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray()).body()));
        System.out.println("chunked " + Arrays.equals(body, client.send(
            to(url + "/echo").POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))).build(), BodyHandlers.ofByteArray()).body()));
        System.out.println("lines " + client.send(to(url + "/stream").build(), BodyHandlers.ofLines()).body().count());
        System.out.println("missing " + client.send(to(url + "/nothing").build(), BodyHandlers.discarding()).statusCode());
        System.out.println("failed " + client.send(to(url + "/fail").build(), BodyHandlers.discarding()).statusCode());
    }

    private static HttpRequest.Builder to(String url) {
        return HttpRequest.newBuilder(URI.create(url));
    }
}
