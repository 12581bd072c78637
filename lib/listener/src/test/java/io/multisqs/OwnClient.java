package io.multisqs;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;

/**
 * A process whose environment says nothing of AWS, in which listeners with a client of their own
 * are started; prints why they are refused, a line for each: queue, region, problem, remedy.
 */
final class OwnClient {
  static final String BETWEEN = " | ";

  private OwnClient() {}

  public static void main(String... args) throws Exception {
    URI closed = closedPort();
    printRefusal(ListenerOptions.builder());
    printRefusal(ListenerOptions.builder().region("eu-west-1").endpointOverride(closed));
    System.setProperty("aws.accessKeyId", "none");
    System.setProperty("aws.secretAccessKey", "none");
    printRefusal(ListenerOptions.builder().region("eu-west-1").endpointOverride(closed));
    printRefusal(ListenerOptions.builder().region("no such region"));
  }

  private static void printRefusal(ListenerOptions.Builder options) {
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(SqsListenerConfig.of("orders")),
            options.build(),
            (queue, bus, priority, message) -> {});
    try {
      listener.start();
      System.out.println("it started");
      listener.close();
    } catch (ListenerStartException refused) {
      for (ListenerStartException.Problem p : refused.problems()) {
        String line =
            String.join(
                BETWEEN, p.queue(), p.region(), p.problem() + ": " + p.detail(), p.remedy());
        System.out.println(line.replace("\n", " "));
      }
    }
  }

  /** Where nobody listens any more. */
  private static URI closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
