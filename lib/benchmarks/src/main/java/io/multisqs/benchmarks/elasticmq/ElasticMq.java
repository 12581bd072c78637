package io.multisqs.benchmarks.elasticmq;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.multisqs.benchmarks.server.AdminQuery;
import io.multisqs.benchmarks.server.StandardInput;
import io.multisqs.testkit.LocalSqs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs ElasticMQ, and beside it, on another port, as many of the paths of {@code WireAdmin} as it
 * can have: {@code /queue}, {@code /preload}, {@code /endless}, {@code /burst}, {@code /drain},
 * {@code /latency} of zero, {@code /reset} and {@code /stats}.
 *
 * <p>What it cannot do, or does otherwise: it injects no latency; it counts no requests; its bodies
 * tell when their messages were about to be sent, which is earlier than visible; its CPU time
 * includes what feeding takes; a queue that is endless on the light server is filled up here while
 * it is read from, and {@code /stats} tells whether it ran dry; a burst with an interval is
 * repeated until a drain, of whichever queue.
 */
public final class ElasticMq implements AutoCloseable {
  private final LocalSqs sqs = LocalSqs.start();
  private final Feeds feeds = new Feeds(sqs);
  private final HttpServer admin;

  private ElasticMq() throws IOException {
    admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    admin.createContext("/", this::answer);
    admin.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String answer;
    try {
      answer =
          perform(exchange.getRequestURI().getPath(), new AdminQuery(query == null ? "" : query));
    } catch (RuntimeException e) {
      answer = "{\"error\":\"" + ("" + e.getMessage()).replace('"', '\'') + "\"}";
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String perform(String path, AdminQuery query) {
    switch (path) {
      case "/queue" ->
          feeds.create(query.text("name"), Duration.ofSeconds(query.number("visibility", 30)));
      case "/preload" ->
          feeds.send(query.text("queue"), "0", query.number("count"), query.number("bytes", 1024));
      case "/endless" -> feeds.endless(query.text("queue"), query.number("bytes", 1024));
      case "/burst" ->
          feeds.burst(
              query.text("queue"),
              query.number("count"),
              query.number("bytes", 1024),
              TimeUnit.MICROSECONDS.toNanos(query.number("everyMicros", 0)));
      case "/drain" -> feeds.drain(query.text("queue"));
      case "/latency" -> {
        if (query.number("micros") != 0) {
          throw new IllegalArgumentException("ElasticMQ injects no latency");
        }
      }
      case "/reset" -> feeds.forgetDry();
      case "/stats" -> {
        return "{\"stampedWhenSent\":1,\"ranDry\":"
            + feeds.ranDry()
            + ",\"processCpuNanos\":"
            + processCpuNanos()
            + "}";
      }
      default -> throw new IllegalArgumentException("no such path: " + path);
    }
    return "{}";
  }

  private static long processCpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean bean
        ? bean.getProcessCpuTime()
        : -1;
  }

  @Override
  public void close() {
    admin.stop(0);
    feeds.close();
    sqs.close();
  }

  /**
   * Runs the server until its standard input ends, so that it goes when the process that started it
   * goes. Prints, as its one line of output, its endpoint, a blank, and that of its admin paths.
   */
  public static void main(String[] args) throws IOException {
    try (ElasticMq server = new ElasticMq()) {
      System.out.println(
          server.sqs.endpoint() + " http://127.0.0.1:" + server.admin.getAddress().getPort());
      StandardInput.awaitEnd();
    }
  }
}
