import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** Java's own client over TLS, with a certificate that it is told to trust: one line for each version and case. */
public class TlsClient {
    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream file = new FileInputStream(arguments[1])) {
            store.setCertificateEntry("edge", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        byte[] body = new byte[1_000_000];
        Arrays.fill(body, (byte) 'j');
        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            boolean same = true;
            int length = 0;

            // Each has connections of its own, and all of them the context's sessions.
            for (int i = 0; i < 5; i++) {
                HttpClient client = HttpClient.newBuilder().sslContext(context).sslParameters(new SSLParameters(null, new String[] {version})).build();
                HttpResponse<byte[]> got = client.send(HttpRequest.newBuilder(URI.create(url + "/size")).build(), BodyHandlers.ofByteArray());
                length = got.body().length;
                same &= Arrays.equals(body, client.send(
                    HttpRequest.newBuilder(URI.create(url + "/echo")).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray()).body());
                same &= got.sslSession().get().getProtocol().equals(version) && got.version() == HttpClient.Version.HTTP_1_1;
            }
            System.out.println(version + " get " + length + " post " + same);
        }
    }
}
