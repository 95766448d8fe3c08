import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Visits a TLS server on 127.0.0.1: Visit.java PORT NAME VISITS [ALPN,ALPN]. Prints each answer, or the error. */
public class Visit {
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    for (int visit = Integer.parseInt(args[2]); visit > 0; visit--) {
      Socket plain = new Socket();
      plain.connect(new InetSocketAddress("127.0.0.1", port));
      String host = args[1].isEmpty() ? "127.0.0.1" : args[1];
      try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
        SSLParameters parameters = tls.getSSLParameters();
        if (!args[1].isEmpty()) parameters.setServerNames(List.of(new SNIHostName(args[1])));
        if (args.length > 3) parameters.setApplicationProtocols(args[3].split(","));
        tls.setSSLParameters(parameters);
        tls.getOutputStream().write("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".getBytes());
        String answer = new String(tls.getInputStream().readAllBytes());
        System.out.println(answer.substring(answer.indexOf("\r\n\r\n") + 4).strip());
      } catch (IOException error) {
        System.out.println(error);
        System.exit(1);
      }
    }
  }

  private static class Anybody extends X509ExtendedTrustManager {
    public void checkClientTrusted(X509Certificate[] chain, String type) {}
    public void checkServerTrusted(X509Certificate[] chain, String type) {}
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}
    public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}
    public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}
    public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
  }
}
